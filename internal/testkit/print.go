package testkit

import (
	"context"
	"os"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// PDF prints the page as the browser's command does, keeps the file beside the
// captures, and gives its bytes.
func (p *Page) PDF(name string) []byte {
	p.t.Helper()
	doc := ask(p, "print", chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize()))
	path := strings.TrimSuffix(p.save(name, nil), ".png")
	if err := os.Rename(path+".png", path+".pdf"); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path+".pdf", doc, 0o644); err != nil {
		p.t.Fatal(err)
	}
	return doc
}

// PrintedText is the text of the page as it is laid out for paper.
func (p *Page) PrintedText() string {
	p.t.Helper()
	p.media("print")
	defer p.media("")
	return Eval[string](p, "document.body.innerText")
}

func (p *Page) media(name string) {
	p.t.Helper()
	p.run("emulate the medium", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: name})
		return err
	}))
}

// NoScript tells whether the pages run without script.
func (p *Page) NoScript() bool { return p.noScript }
