// The aidant's waiting page follows the answer of a person who is elsewhere: it
// asks every five seconds, says what changed, and is read again once there is
// something to do. Polling is no activity of the aidant.
const bloc = document.querySelector("[data-attente]");
const etat = bloc?.querySelector("[data-attente-etat]");
const adresse = bloc?.dataset.attente;

if (bloc && etat && adresse) {
	const dit = (selecteur) => etat.querySelector(selecteur)?.textContent.trim() ?? "";
	let dernier = dit("h2") + dit("p"); // as the page was written: it may be late already
	const sonder = async () => {
		try {
			const r = await fetch(adresse, { headers: { Accept: "application/json" }, cache: "no-store" });
			if (!r.ok) {
				location.reload(); // signed out, or the code is due: the page says which
				return;
			}
			const { statut, texte, livraison, fini, suite } = await r.json();
			const cle = texte + livraison;
			if (cle !== dernier) {
				if (fini || suite || statut === "accordee") {
					location.reload();
					return;
				}
				etat.querySelector("h2").textContent = texte;
				const p = etat.querySelector("p");
				if (p) {
					p.textContent = livraison;
				}
			}
			dernier = cle;
		} catch {
			// the network will come back
		}
		setTimeout(sonder, 5000);
	};
	sonder();
}
