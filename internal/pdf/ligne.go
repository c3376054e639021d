package pdf

import (
	"strings"
	"unicode"
)

// morceau is a run of letters of one weight; "\n" breaks the line.
type morceau struct {
	texte string
	g     graisse
}

// segment is what one font draws of a line.
type segment struct {
	texte, family string
	g             graisse
	w             float64
}

// measure cuts runs into the segments of one font each.
func (p *imprimeur) measure(ms []morceau, size float64) (out []segment) {
	for _, m := range ms {
		start, family := 0, ""
		for i, r := range m.texte {
			f := p.polices.family(r, m.g)
			if family == "" {
				family = f
			}
			if f != family {
				out = append(out, p.segment(m.texte[start:i], family, m.g, size))
				start, family = i, f
			}
		}
		if start < len(m.texte) {
			out = append(out, p.segment(m.texte[start:], family, m.g, size))
		}
	}
	return out
}

func (p *imprimeur) segment(s, family string, g graisse, size float64) segment {
	p.font(family, g, size)
	return segment{s, family, g, p.f.GetStringWidth(s)}
}

func width(ss []segment) (w float64) {
	for _, s := range ss {
		w += s.w
	}
	return w
}

// draw writes the segments from x, with their base line at y.
func (p *imprimeur) draw(ss []segment, x, y, size float64) {
	for _, s := range ss {
		p.font(s.family, s.g, size)
		p.f.Text(x, y, s.texte)
		x += s.w
	}
}

// lines breaks runs into lines no wider than w. A word too long for a line is
// cut; a no-break space is not a place to break. Each line keeps the space at
// its end, so that what is copied or read aloud is whole.
func (p *imprimeur) lines(ms []morceau, w, size float64) (out [][]segment) {
	var line []segment
	flush := func() {
		out = append(out, line)
		line = nil
	}
	for _, m := range words(ms) {
		if m.texte == "\n" {
			flush()
			continue
		}
		word := p.measure([]morceau{m}, size)
		bare := width(p.measure([]morceau{{strings.TrimRight(m.texte, " "), m.g}}, size))
		if len(line) > 0 && width(line)+bare > w {
			flush()
		}
		for bare > w {
			var head string
			head, m.texte = p.cut(m, w, size)
			line = p.measure([]morceau{{head, m.g}}, size)
			flush()
			word = p.measure([]morceau{m}, size)
			bare = width(word)
		}
		line = append(line, word...)
	}
	if len(line) > 0 {
		flush()
	}
	return out
}

// cut takes of a word what fits in a line.
func (p *imprimeur) cut(m morceau, w, size float64) (head, tail string) {
	end := 0
	for i, r := range m.texte {
		if i > 0 && width(p.measure([]morceau{{m.texte[:i+len(string(r))], m.g}}, size)) > w {
			break
		}
		end = i + len(string(r))
	}
	return m.texte[:end], m.texte[end:]
}

// words cuts runs after each space.
func words(ms []morceau) (out []morceau) {
	for _, m := range ms {
		if m.texte == "\n" {
			out = append(out, m)
			continue
		}
		for _, s := range strings.SplitAfter(m.texte, " ") {
			if s != "" {
				out = append(out, morceau{s, m.g})
			}
		}
	}
	return out
}

// fold makes one space of each run of spaces, as HTML does, across the runs;
// no-break spaces stay.
func fold(ms []morceau) (out []morceau) {
	space := true // at the beginning of a line
	for _, m := range ms {
		if m.texte == "\n" {
			out = append(out, m)
			space = true
			continue
		}
		var b strings.Builder
		for _, r := range m.texte {
			if unicode.IsSpace(r) && r != '\u00a0' && r != '\u202f' {
				if !space {
					b.WriteByte(' ')
				}
				space = true
				continue
			}
			b.WriteRune(r)
			space = false
		}
		if b.Len() > 0 {
			out = append(out, morceau{b.String(), m.g})
		}
	}
	for len(out) > 0 { // and none at the end
		last := &out[len(out)-1]
		if last.texte = strings.TrimRight(last.texte, " "); last.texte != "" && last.texte != "\n" {
			break
		}
		out = out[:len(out)-1]
	}
	return out
}
