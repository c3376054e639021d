// Makes internal/lieu/donnees/communes.txt, which the program embeds: the names
// of the French communes by their Insee code, those of the past among them.
//
// departments, one a line: code, tab, name; an empty line; then one line per
// code, sorted by code, which are five characters followed by
//   the name                      01001L'Abergement-Clémenciat
//   the name, tab, department     when the code does not say the department
//   = and today's code            20004=2A004   the same commune, renumbered
//   > and the code of its heir    01018>01033   a commune that is now within another
import { readFileSync, writeFileSync } from "node:fs";

const DATA = "node_modules/@etalab/decoupage-administratif/data/";
const OUT = "internal/lieu/donnees/communes.txt";

const read = (name) => JSON.parse(readFileSync(DATA + name, "utf8"));
const prefix = (code) => code.slice(0, /^9[78]/.test(code) ? 3 : 2);

function lines(communes) {
	const out = new Map();
	// A new commune takes the code of one of those it unites: whoever has had the
	// right to a mandat was born in the former, which comes last here.
	const last = { "commune-actuelle": 0, "arrondissement-municipal": 0, "commune-associee": 1, "commune-deleguee": 1 };
	for (const c of [...communes].sort((a, b) => last[a.type] - last[b.type])) {
		if (/[\n\t]|^[=>]/.test(c.nom)) throw new Error(`lieux : nom inattendu pour ${c.code}`);
		const moved = prefix(c.code) === c.departement ? "" : `\t${c.departement}`;
		out.set(c.code, c.nom.replace(" Arrondissement", " arrondissement") + moved);
	}
	for (const c of communes)
		for (const old of c.anciensCodes ?? [])
			// Corse, Seine and Seine-et-Oise changed numbers and kept their communes.
			if (!out.has(old)) out.set(old, (old.slice(2) === c.code.slice(2) && old.slice(0, 2) !== c.code.slice(0, 2) ? "=" : ">") + c.code);
	return [...out].map(([code, rest]) => code + rest).sort((a, b) => (a < b ? -1 : 1));
}

const communes = lines(read("communes.json"));
const departements = read("departements.json").map((d) => `${d.code}\t${d.nom}`).sort();
const body = `${departements.join("\n")}\n\n${communes.join("\n")}\n`;
try {
	if (readFileSync(OUT, "utf8") === body) process.exit(0);
} catch { /* not made yet */ }
writeFileSync(OUT, body);
console.error(`make assets : ${communes.length} codes de communes, ${Math.round(Buffer.byteLength(body) / 1024)} Kio`);
