// Asks the browser for a passkey or a security key. The page carries the
// challenge (data-options) and the form that takes the answer back; nothing is
// fetched. Without this script the page says that it needs one.
const decode = (s) => Uint8Array.from(atob(s.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const encode = (b) => btoa(String.fromCharCode(...new Uint8Array(b))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

function options(raw) {
	const o = JSON.parse(raw).publicKey;
	o.challenge = decode(o.challenge);
	if (o.user) o.user.id = decode(o.user.id);
	for (const list of [o.excludeCredentials, o.allowCredentials]) for (const c of list ?? []) c.id = decode(c.id);
	return o;
}

function answer(c) {
	const r = { clientDataJSON: encode(c.response.clientDataJSON) };
	for (const k of ["attestationObject", "authenticatorData", "signature", "userHandle"]) if (c.response[k]) r[k] = encode(c.response[k]);
	if (c.response.getTransports) r.transports = c.response.getTransports();
	const a = { id: c.id, rawId: encode(c.rawId), type: c.type, response: r, clientExtensionResults: c.getClientExtensionResults() };
	if (c.authenticatorAttachment) a.authenticatorAttachment = c.authenticatorAttachment;
	return JSON.stringify(a);
}

const refusals = {
	NotAllowedError: "Rien n’a été fait : la demande a été annulée, ou le temps est écoulé. Vous pouvez réessayer.",
	InvalidStateError: "Cet appareil ou cette clé est déjà associé à votre compte.",
	NotSupportedError: "Cet appareil ou cette clé ne convient pas : il doit pouvoir vérifier que c’est vous, par un code, une empreinte ou votre visage.",
	ConstraintError: "Cet appareil ou cette clé ne convient pas : il doit pouvoir vérifier que c’est vous, par un code, une empreinte ou votre visage.",
	SecurityError: "Votre navigateur refuse les clés à cette adresse.",
};

for (const box of document.querySelectorAll("[data-cle]")) {
	const said = box.querySelector("[data-cle-message]");
	const form = box.querySelector("form");
	const say = (t) => { said.textContent = t; said.hidden = !t; };
	box.querySelector("[data-cle-sans-script]").hidden = true;
	if (!window.PublicKeyCredential) {
		say("Votre navigateur ne connaît pas les clés d’accès. Mettez-le à jour, ou choisissez un autre moyen.");
		continue;
	}
	box.querySelector("[data-cle-corps]").hidden = false;
	// The browser may have given the first focus before this was shown.
	if (document.activeElement === document.body) box.querySelector("[autofocus]")?.focus();
	form.addEventListener("submit", async (e) => {
		if (form.elements.reponse.value) return;
		e.preventDefault();
		say("");
		try {
			const publicKey = options(box.dataset.options);
			const c = box.dataset.cle === "creer" ? await navigator.credentials.create({ publicKey }) : await navigator.credentials.get({ publicKey });
			form.elements.reponse.value = answer(c);
			form.requestSubmit();
		} catch (err) {
			say(refusals[err.name] ?? "La clé n’a pas répondu. Vous pouvez réessayer.");
		}
	});
}
