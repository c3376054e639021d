// Makes the assets the program embeds, from node_modules and internal/web/ressources:
// one style sheet, the icons it still needs, the reading font, our modules.
//
// Only what the pages use is kept: the classes are read from the sources, so a
// class written in a page is in the sheet at the next "make assets". The fonts
// and marks reserved to the State are left out (docs/decisions, 0002).
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import zlib from "node:zlib";
import { keepUsed, urls } from "./css.mjs";

const DSFR = "node_modules/@gouvfr/dsfr/dist/";
const FONT = "node_modules/@fontsource/atkinson-hyperlegible/";
const PRINT = "node_modules/@expo-google-fonts/atkinson-hyperlegible/"; // the same font as TTF, which a PDF embeds
const OURS = "internal/web/ressources/";
const OUT = "internal/web/actifs/";
const TYPES = {
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
	".woff2": "font/woff2", ".ttf": "font/ttf", ".txt": "text/plain; charset=utf-8",
};

const sha = (b) => createHash("sha256").update(b).digest("hex");

function walk(dir, out = []) {
	for (const e of readdirSync(dir, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
		const p = join(dir, e.name);
		if (e.isDirectory()) {
			if (!["actifs", "ressources", "testdata"].includes(e.name)) walk(p, out);
		} else if (/\.(templ|go|html)$/.test(e.name) && !/(_templ|_test)\.go$/.test(e.name)) out.push(p);
	}
	return out;
}

// Every fr-… word of the sources. One that ends in "-" before a quote is the
// beginning of classes composed by the code: "fr-alert--" + tone.
function classesUsed() {
	const words = new Set();
	const texts = [...(process.argv.length > 2 ? process.argv.slice(2) : ["internal"]).flatMap((d) => walk(d)), ...readdirSync(OURS).filter((f) => f.endsWith(".js")).map((f) => OURS + f)];
	for (const f of texts)
		for (const w of readFileSync(f, "utf8").match(/\bfr-[\w@-]*(?:-(?=["'`])|[\w@](?![\w@-]))/g) ?? []) words.add(w);
	return [...words].sort();
}

function fingerprint(words) {
	const h = createHash("sha256").update(words.join(" "));
	for (const f of ["package-lock.json", "tools/actifs.mjs", "tools/css.mjs", ...readdirSync(OURS).sort().map((f) => OURS + f)]) h.update(f + "\0").update(readFileSync(f));
	return h.digest("hex");
}

const actifs = {};

// emit writes a file under a name that changes with its content, with its
// compressed twins when they are smaller.
function emit(name, body) {
	body = Buffer.from(body);
	const ext = extname(name);
	const digest = sha(body);
	const fichier = `${basename(name, ext)}.${digest.slice(0, 12)}${ext}`;
	const entry = { fichier, type: TYPES[ext], taille: body.length, sha256: digest };
	writeFileSync(OUT + fichier, body);
	if (ext !== ".woff2" && body.length > 400) {
		const br = zlib.brotliCompressSync(body, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 11 } });
		const gz = zlib.gzipSync(body, { level: 9 });
		if (br.length < body.length) writeFileSync(OUT + fichier + ".br", br), (entry.br = br.length);
		if (gz.length < body.length) writeFileSync(OUT + fichier + ".gz", gz), (entry.gz = gz.length);
	}
	actifs[name] = entry;
	return fichier;
}

function fonts() {
	const ranges = JSON.parse(readFileSync(FONT + "unicode.json", "utf8"));
	let css = "";
	for (const subset of ["latin-ext", "latin"])
		for (const weight of [400, 700])
			for (const style of ["normal", "italic"]) {
				const f = `atkinson-hyperlegible-${subset}-${weight}-${style}.woff2`;
				const url = emit(f, readFileSync(`${FONT}files/${f}`));
				css += `@font-face{font-family:"Atkinson Hyperlegible";font-style:${style};font-weight:${weight};font-display:swap;src:url(${url}) format("woff2");unicode-range:${ranges[subset]}}`;
			}
	return css;
}

function styles(words) {
	let css = readFileSync(DSFR + "dsfr.min.css", "utf8") + readFileSync(DSFR + "utility/utility.min.css", "utf8").replaceAll("../icons/", "icons/");
	css = keepUsed(css, words, readFileSync(OURS + "theme.css", "utf8"));
	css = css.replaceAll(/Marianne(?=[,;}])/g, '"Atkinson Hyperlegible"').replaceAll(/Spectral(?=[,;}])/g, '"Atkinson Hyperlegible"');
	for (const u of urls(css)) {
		const f = emit(u, readFileSync(DSFR + u));
		css = css.replaceAll(`url(${u})`, `url(${f})`);
	}
	const credit = "/*! @gouvfr/dsfr 1.14.4, MIT, without the fonts and marks of the State; Atkinson Hyperlegible, OFL 1.1: see licences.txt */";
	emit("aidantsconnect.css", credit + fonts() + css);
}

function main() {
	const words = classesUsed();
	const empreinte = fingerprint(words);
	try {
		if (JSON.parse(readFileSync(OUT + "manifeste.json", "utf8")).empreinte === empreinte) return;
	} catch { /* no manifest yet */ }
	mkdirSync(OUT, { recursive: true });
	for (const f of readdirSync(OUT)) if (f !== ".gardien") rmSync(OUT + f);
	styles(words);
	for (const [dir, weight] of [["400Regular/AtkinsonHyperlegible_400Regular", 400], ["700Bold/AtkinsonHyperlegible_700Bold", 700]]) emit(`atkinson-hyperlegible-${weight}.ttf`, readFileSync(`${PRINT}${dir}.ttf`));
	for (const f of readdirSync(OURS)) if (f !== "theme.css") emit(f, readFileSync(OURS + f));
	emit("licences.txt", `@gouvfr/dsfr 1.14.4\n\n${readFileSync("node_modules/@gouvfr/dsfr/LICENSE.md", "utf8")}\n\n@fontsource/atkinson-hyperlegible 5.3.0\n\n${readFileSync(FONT + "LICENSE", "utf8")}\n\n@expo-google-fonts/atkinson-hyperlegible 0.4.1\n\n${readFileSync(PRINT + "LICENSE_FONT", "utf8")}`);
	writeFileSync(OUT + "manifeste.json", JSON.stringify({ empreinte, actifs }, null, "\t") + "\n");
	const total = Object.values(actifs).reduce((n, a) => n + a.taille, 0);
	console.error(`make assets : ${Object.keys(actifs).length} ressources, ${Math.round(total / 1024)} Kio`);
}

main();
