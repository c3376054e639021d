package pdf

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"html"
	"strconv"
)

// assemble turns what fpdf wrote into a tagged file: pages that know their
// structure, a catalog with the language and the structure tree, an identifier
// made of the content. fpdf writes its objects in order, the catalog last.
func assemble(plain []byte, root *element, pages [][]*element, m Meta) ([]byte, error) {
	objets, err := split(plain)
	if err != nil {
		return nil, err
	}
	n := len(objets) // the catalog's number
	for i := range pages {
		o := &objets[pageObject(i+1)-1]
		marked := bytes.Replace(*o, []byte("<</Type /Page\n"), fmt.Appendf(nil, "<</Type /Page\n/StructParents %d /Tabs /S\n", i), 1)
		if len(marked) == len(*o) {
			return nil, fmt.Errorf("object %d is not a page", pageObject(i+1))
		}
		*o = marked
	}
	treeRoot, parents, metadata := n+1, n+2, n+3
	root.number(n + 4)
	objets[n-1] = fmt.Appendf(nil, "<</Type /Catalog /Pages 1 0 R /Lang %s /MarkInfo <</Marked true>> /ViewerPreferences <</DisplayDocTitle true>> /StructTreeRoot %d 0 R /Metadata %d 0 R>>",
		texte(m.Langue), treeRoot, metadata)
	xmp := packet(m)
	objets = append(objets,
		fmt.Appendf(nil, "<</Type /StructTreeRoot /K [%d 0 R] /ParentTree %d 0 R /ParentTreeNextKey %d>>", root.objet, parents, len(pages)),
		parentTree(pages),
		fmt.Appendf(nil, "<</Type /Metadata /Subtype /XML /Length %d>>\nstream\n%s\nendstream", len(xmp), xmp))
	objets = root.write(objets, treeRoot)

	out := bytes.NewBufferString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	offsets := make([]int, len(objets))
	for i, o := range objets {
		offsets[i] = out.Len()
		fmt.Fprintf(out, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	digest := sha256.Sum256(out.Bytes())
	start := out.Len()
	fmt.Fprintf(out, "xref\n0 %d\n0000000000 65535 f \n", len(objets)+1)
	for _, o := range offsets {
		fmt.Fprintf(out, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(out, "trailer\n<</Size %d /Root %d 0 R /Info %d 0 R /ID [<%x> <%x>]>>\nstartxref\n%d\n%%%%EOF\n", len(objets)+1, n, n-1, digest[:16], digest[:16], start)
	return out.Bytes(), nil
}

func parentTree(pages [][]*element) []byte {
	b := bytes.NewBufferString("<</Nums [")
	for i, es := range pages {
		fmt.Fprintf(b, " %d [", i)
		for _, e := range es {
			fmt.Fprintf(b, " %d 0 R", e.objet)
		}
		b.WriteString(" ]")
	}
	b.WriteString(" ]>>")
	return b.Bytes()
}

// packet is the XMP of the file: title, author, language, date.
func packet(m Meta) string {
	e := html.EscapeString
	date := m.Date.UTC().Format("2006-01-02T15:04:05Z")
	return `<?xpacket begin="` + "\ufeff" + `" id="W5M0MpCehiHzreSzNTczkc9d"?>` +
		`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
		`<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">` +
		`<dc:title><rdf:Alt><rdf:li xml:lang="x-default">` + e(m.Titre) + `</rdf:li></rdf:Alt></dc:title>` +
		`<dc:creator><rdf:Seq><rdf:li>` + e(m.Auteur) + `</rdf:li></rdf:Seq></dc:creator>` +
		`<dc:language><rdf:Bag><rdf:li>` + e(m.Langue) + `</rdf:li></rdf:Bag></dc:language>` +
		`<xmp:CreateDate>` + date + `</xmp:CreateDate></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>`
}

// split gives the bodies of the objects of a file that fpdf wrote, by number
// from 1: what its own cross-reference table says.
func split(plain []byte) ([][]byte, error) {
	at := bytes.LastIndex(plain, []byte("\nxref\n0 "))
	if at < 0 {
		return nil, fmt.Errorf("no cross-reference table")
	}
	lines := bytes.Split(plain[at+1:], []byte("\n"))
	n, err := strconv.Atoi(string(bytes.TrimPrefix(lines[1], []byte("0 "))))
	if err != nil || len(lines) < n+2 {
		return nil, fmt.Errorf("cross-reference table of %q", lines[1])
	}
	out := make([][]byte, n-1)
	for i := 1; i < n; i++ {
		offset, err := strconv.Atoi(string(lines[2+i][:10]))
		head := fmt.Appendf(nil, "%d 0 obj\n", i)
		if err != nil || offset >= at || !bytes.HasPrefix(plain[offset:], head) {
			return nil, fmt.Errorf("object %d is not where the table says", i)
		}
		end := at
		for j := 1; j < n; j++ { // the objects 1 and 2 are written after the pages
			if o, _ := strconv.Atoi(string(lines[2+j][:10])); o > offset && o < end {
				end = o
			}
		}
		body := bytes.TrimSpace(plain[offset+len(head) : end])
		if body, ok := bytes.CutSuffix(body, []byte("endobj")); ok {
			out[i-1] = bytes.TrimSpace(body)
			continue
		}
		return nil, fmt.Errorf("object %d has no end", i)
	}
	return out, nil
}
