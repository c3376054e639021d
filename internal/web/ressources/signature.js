// A signature drawn by hand: strokes of points in a frame of 1000 × 400, in the
// hidden field the form sends. Nothing of speed nor of pressure is kept.
const LARGEUR = 1000, HAUTEUR = 400, TRAITS = 60, POINTS = 3000;

const bloc = document.querySelector("[data-signature]");
const cadre = bloc?.querySelector("[data-signature-cadre]");
const champ = document.getElementById("trace");
const crayon = cadre?.getContext("2d");

function lire(texte) {
	try {
		const t = JSON.parse(texte).traits;
		return Array.isArray(t) ? t : [];
	} catch {
		return [];
	}
}

if (bloc && crayon && champ && "PointerEvent" in window) {
	const etat = bloc.querySelector("[data-signature-etat]");
	let traits = lire(champ.value), trait = null;
	bloc.hidden = false;

	const total = () => traits.reduce((n, t) => n + t.length, 0);
	const dessiner = () => {
		crayon.clearRect(0, 0, LARGEUR, HAUTEUR);
		crayon.lineWidth = 5;
		crayon.lineCap = crayon.lineJoin = "round";
		crayon.strokeStyle = getComputedStyle(cadre).color;
		for (const t of traits) {
			crayon.beginPath();
			t.forEach(([x, y], i) => (i ? crayon.lineTo(x, y) : crayon.moveTo(x, y)));
			crayon.stroke();
		}
	};
	const garder = () => {
		champ.value = traits.length ? JSON.stringify({ traits }) : "";
		etat.textContent = traits.length ? "La signature est dans le cadre." : "";
	};
	const point = (e) => {
		const r = cadre.getBoundingClientRect();
		const borne = (v, max) => Math.max(0, Math.min(max, Math.round(v)));
		return [borne(((e.clientX - r.left) / r.width) * LARGEUR, LARGEUR), borne(((e.clientY - r.top) / r.height) * HAUTEUR, HAUTEUR)];
	};
	cadre.addEventListener("pointerdown", (e) => {
		if (traits.length >= TRAITS || total() >= POINTS) return;
		e.preventDefault();
		cadre.setPointerCapture(e.pointerId);
		traits.push((trait = [point(e)]));
		dessiner();
	});
	cadre.addEventListener("pointermove", (e) => {
		if (!trait || total() >= POINTS) return;
		for (const p of (e.getCoalescedEvents?.() ?? []).concat(e).map(point)) {
			const d = trait[trait.length - 1];
			if (Math.hypot(p[0] - d[0], p[1] - d[1]) >= 4 && total() < POINTS) trait.push(p);
		}
		dessiner();
	});
	const lever = () => {
		if (!trait) return;
		trait = null;
		garder();
	};
	cadre.addEventListener("pointerup", lever);
	cadre.addEventListener("pointercancel", lever);
	bloc.querySelector("[data-signature-effacer]").addEventListener("click", () => {
		traits = [];
		trait = null;
		dessiner();
		garder();
		etat.textContent = "La signature est effacée.";
	});
	dessiner();
}
