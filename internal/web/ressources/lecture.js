// Reads a part of the page aloud with the browser's own voice. Nothing is sent
// anywhere; without a French voice on the device, the button stays hidden.
const bloc = document.querySelector("[data-lecture]");
const voix = window.speechSynthesis;

if (bloc && voix && "SpeechSynthesisUtterance" in window) {
	const bouton = bloc.querySelector("[data-lecture-bouton]");
	const etat = bloc.querySelector("[data-lecture-etat]");
	const cible = document.getElementById(bloc.dataset.lecture);
	const francaise = () => voix.getVoices().find((v) => v.localService && v.lang.toLowerCase().startsWith("fr"));
	let enCours = false;

	const montrer = () => { bloc.hidden = !francaise(); };
	const finir = (dit) => {
		enCours = false;
		bouton.textContent = "Écouter cette page";
		etat.textContent = dit;
	};
	bouton.addEventListener("click", () => {
		if (enCours) {
			voix.cancel();
			finir("");
			return;
		}
		// One utterance per sentence block: long ones are cut by some browsers.
		const blocs = [...cible.querySelectorAll("h2, p, li")].map((e) => e.textContent.trim()).filter(Boolean);
		voix.cancel();
		enCours = true;
		bouton.textContent = "Arrêter la lecture";
		blocs.forEach((texte, i) => {
			const u = new SpeechSynthesisUtterance(texte);
			u.lang = "fr-FR";
			u.voice = francaise() ?? null;
			u.rate = 0.9;
			if (i === blocs.length - 1) u.onend = () => enCours && finir("La lecture est finie.");
			voix.speak(u);
		});
	});
	addEventListener("pagehide", () => voix.cancel());
	voix.addEventListener?.("voiceschanged", montrer);
	montrer();
}
