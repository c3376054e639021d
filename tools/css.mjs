// Cuts a style sheet down to the rules that can apply. It understands what the
// minified sheet of the design system holds: rules, @media, @supports, @font-face.

// split gives the blocks of a sheet: [prelude, body].
function split(css) {
	const out = [];
	let depth = 0, quote = "", start = 0, open = 0, paren = 0;
	for (let i = 0; i < css.length; i++) {
		const c = css[i];
		if (quote) {
			if (c === "\\") i++;
			else if (c === quote) quote = "";
		} else if (c === '"' || c === "'") quote = c;
		else if (c === "(") paren++;
		else if (c === ")") paren--;
		else if (paren > 0) continue;
		else if (c === "{") {
			if (depth++ === 0) open = i;
		} else if (c === "}") {
			if (--depth === 0) {
				out.push([css.slice(start, open).trim(), css.slice(open + 1, i)]);
				start = i + 1;
			}
		} else if (c === ";" && depth === 0) start = i + 1; // @charset
	}
	return out;
}

// outside cuts a text at a separator, outside of parentheses, brackets, strings.
function outside(s, sep) {
	const out = [];
	let depth = 0, quote = "", last = 0;
	for (let i = 0; i < s.length; i++) {
		const c = s[i];
		if (quote) {
			if (c === "\\") i++;
			else if (c === quote) quote = "";
		} else if (c === '"' || c === "'") quote = c;
		else if (c === "(" || c === "[") depth++;
		else if (c === ")" || c === "]") depth--;
		else if (c === "\\") i++;
		else if (c === sep && depth === 0) out.push(s.slice(last, i)), (last = i + 1);
	}
	out.push(s.slice(last));
	return out;
}

// Themes and states that only the design system's script can set.
const SCRIPTED = /\[data-fr-(theme|mourning|js-|scrolling|capslock|checked-label|unchecked-label)/;
// Hacks for browsers that have been gone for years.
const GONE = /min-width:0\\0|-moz-document/;

// keeper tells which selectors can match: all their classes are used. What
// stands in :not(…) or [class*=…] asks for nothing.
function keeper(words) {
	const whole = new Set(words);
	const starts = words.filter((w) => w.endsWith("-"));
	const known = (c) => !c.startsWith("fr-") || whole.has(c) || starts.some((p) => c.startsWith(p));
	return (selector) => {
		if (SCRIPTED.test(selector)) return false;
		let bare = selector;
		for (let before = ""; before !== bare; ) (before = bare), (bare = bare.replace(/\([^()]*\)|\[[^\]]*\]/g, ""));
		return (bare.match(/\.(?:[\w-]|\\.)+/g) ?? []).every((c) => known(c.slice(1).replaceAll("\\", "")));
	};
}

function filter(css, keep) {
	let out = "";
	for (const [head, body] of split(css.replaceAll(/\/\*[\s\S]*?\*\//g, ""))) {
		if (head.startsWith("@font-face") || GONE.test(head)) continue;
		if (head.startsWith("@media") || head.startsWith("@supports")) {
			const inner = filter(body, keep);
			if (inner) out += `${head}{${inner}}`;
		} else if (head.startsWith("@")) out += `${head}{${body}}`;
		else {
			const kept = outside(head, ",").filter(keep);
			if (kept.length && body) out += `${kept.join(",")}{${body}}`;
		}
	}
	return out;
}

// dropUnusedVariables removes the custom properties nobody reads, again and
// again until every one left is read.
function dropUnusedVariables(css, theme) {
	for (;;) {
		const read = new Set((css + theme).match(/var\(\s*--[\w-]+/g)?.map((v) => v.replace(/var\(\s*/, "")));
		let dropped = 0;
		css = css.replaceAll(/(?<=[{;])(--[\w-]+):[^;{}"]*(?:;|(?=}))/g, (all, name) => (read.has(name) ? all : (dropped++, "")));
		if (!dropped) return css.replaceAll(/[^{}]+\{\}/g, "");
	}
}

// keepUsed gives the rules that the classes used can meet, then our theme.
export function keepUsed(css, words, theme) {
	const small = theme.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/\s*\n\s*/g, "").replaceAll(/\s*([{};,])\s*/g, "$1").replaceAll(/:\s+/g, ":");
	return dropUnusedVariables(filter(css, keeper(words)), small) + small;
}

// urls lists the files a sheet still needs.
export function urls(css) {
	return [...new Set([...css.matchAll(/url\((icons\/[^)"']+)\)/g)].map((m) => m[1]))].sort();
}
