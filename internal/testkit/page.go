package testkit

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// pageTimeout bounds each thing asked of a page, loading included.
const pageTimeout = 20 * time.Second

// Page is a tab. Whatever it is asked that fails ends the test, with a capture
// of what was on the screen. What the page writes as an error to the console
// (an exception, a violation of the content policy) fails the test at its end.
//
// A selector is CSS; XPath when it begins with "//"; or "text=Continuer" for
// the link, button, label or summary that reads exactly so.
type Page struct {
	t             testing.TB
	ctx           context.Context
	width, height int64
	noScript      bool

	mu     sync.Mutex
	errors []string
}

// NewPage opens a tab of this size, in CSS pixels. Tabs of one Browser share
// its cookies.
func (b *Browser) NewPage(width, height int) *Page {
	b.t.Helper()
	ctx, cancel := chromedp.NewContext(b.first)
	p := &Page{t: b.t, ctx: ctx}
	b.t.Cleanup(func() {
		p.checkConsole()
		cancel()
	})
	console := chromedp.Console(ctx)
	go func() {
		for m, err := range console {
			if err != nil {
				return
			}
			p.heard(m)
		}
	}()
	p.focus()
	p.Resize(width, height)
	return p
}

// focus has the tab believe it is the one in front: a browser without a window
// has none, and the page's first focus would be nowhere.
func (p *Page) focus() {
	p.t.Helper()
	p.run("focus the tab", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
		return err
	}))
}

// heard keeps what the console says is wrong. A page that answers 404 or 422
// is also told there, and is not.
func (p *Page) heard(m chromedp.ConsoleMessage) {
	if (m.Type != chromedp.ConsoleError && !m.IsException()) || strings.HasPrefix(m.Text, "Failed to load resource: the server responded") {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.errors = append(p.errors, m.String())
}

func (p *Page) checkConsole() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.errors {
		p.t.Errorf("console of the browser: %s", e)
	}
}

// run does the steps or ends the test.
func (p *Page) run(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ask(p, what, chromedp.Steps(steps...))
}

// ask does an action or ends the test.
func ask[T any](p *Page, what string, a chromedp.Action[T]) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, pageTimeout)
	defer cancel()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		p.failed(what, err)
	}
	return v
}

func (p *Page) failed(what string, err error) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 5*time.Second)
	defer cancel()
	where, _ := chromedp.Run(ctx, chromedp.Location())
	if picture, e := chromedp.Run(ctx, chromedp.FullScreenshot(100)); e == nil {
		where += " (" + p.save("echec-"+p.t.Name(), picture) + ")"
	}
	p.t.Fatalf("%s: %v, on %s", what, err, where)
}

// Resize changes the size of the window, in CSS pixels.
func (p *Page) Resize(width, height int) {
	p.t.Helper()
	p.width, p.height = int64(width), int64(height)
	p.run("resize", chromedp.EmulateViewport(p.width, p.height))
}

// Zoom shows the page as the browser's zoom would: at 2, half as many CSS
// pixels, each twice as big. 1 is the normal size.
func (p *Page) Zoom(factor float64) {
	p.t.Helper()
	w, h := int64(float64(p.width)/factor), int64(float64(p.height)/factor)
	p.run("zoom", chromedp.EmulateViewport(w, h, chromedp.EmulateScale(factor)))
}

// DisableJavaScript keeps the next pages from running any script.
func (p *Page) DisableJavaScript() {
	p.t.Helper()
	p.noScript = true
	p.setScripts(false)
}

func (p *Page) setScripts(on bool) {
	p.t.Helper()
	p.run("set JavaScript", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
		return err
	}))
}

// Goto opens an address and waits until it is loaded.
func (p *Page) Goto(url string) {
	p.t.Helper()
	p.run("open "+url, chromedp.Navigate(url))
}

// Back goes to the page before, as the browser's button does.
func (p *Page) Back() {
	p.t.Helper()
	p.run("go back", chromedp.NavigateBack())
}

// URL is the address of the page.
func (p *Page) URL() string {
	p.t.Helper()
	return ask(p, "address", chromedp.Location())
}

// Title is the title of the page.
func (p *Page) Title() string {
	p.t.Helper()
	return ask(p, "title", chromedp.Title())
}

// Text is the visible text of the first element.
func (p *Page) Text(selector string) string {
	p.t.Helper()
	return ask(p, "read "+selector, chromedp.Text(locate(selector)))
}

// Value is what a field holds.
func (p *Page) Value(selector string) string {
	p.t.Helper()
	return ask(p, "value of "+selector, chromedp.Value(locate(selector)))
}

// Count is how many elements match a CSS selector now.
func (p *Page) Count(selector string) int {
	p.t.Helper()
	return Eval[int](p, "document.querySelectorAll("+js(selector)+").length")
}

// Eval gives the value of a JavaScript expression, as the console would.
func Eval[T any](p *Page, expression string) T {
	p.t.Helper()
	what, _, _ := strings.Cut(expression, "\n")
	return ask(p, "evaluate "+what, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// Fill replaces what a text field holds, as somebody who types.
func (p *Page) Fill(selector, text string) {
	p.t.Helper()
	p.run("fill "+selector, chromedp.Clear(locate(selector)), chromedp.Focus(locate(selector)),
		chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, input.InsertText, input.InsertTextParams{Text: text})
			return err
		}))
}

// Select chooses the option of that value in a list.
func (p *Page) Select(selector, value string) {
	p.t.Helper()
	found := Eval[bool](p, `(e => {
		e.value = `+js(value)+`;
		e.dispatchEvent(new Event("input", {bubbles: true}));
		e.dispatchEvent(new Event("change", {bubbles: true}));
		return e.value === `+js(value)+`;
	})(`+string(p.present(selector))+`)`)
	if !found {
		p.t.Fatalf("%s has no option of value %s, on %s", selector, value, p.URL())
	}
}

// Check ticks a box or a radio button; ticked already, it stays so.
func (p *Page) Check(selector string) {
	p.t.Helper()
	Eval[bool](p, `(e => { if (!e.checked) e.click(); return e.checked; })(`+string(p.present(selector))+`)`)
}

// present waits until an element is in the page and locates it.
func (p *Page) present(selector string) chromedp.JSPath {
	p.t.Helper()
	where := locate(selector)
	p.run("wait for "+selector, chromedp.WaitReady(where))
	return where
}

// Click clicks on an element that leads to another page, and waits until that
// page is loaded, whatever redirects come between.
func (p *Page) Click(selector string) {
	p.t.Helper()
	ask(p, "click on "+selector, func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.RunResponse(ctx, chromedp.Click(locate(selector)))
		return chromedp.Void{}, err
	})
}

// Touch clicks on an element that stays on the page: a menu, a dialog.
func (p *Page) Touch(selector string) {
	p.t.Helper()
	p.run("touch "+selector, chromedp.Click(locate(selector)))
}

// Draw moves the pressed mouse over an element, along points given as parts of
// its width and height, as somebody who signs.
func (p *Page) Draw(selector string, points ...[2]float64) {
	p.t.Helper()
	box := Eval[[]float64](p, `(() => { const e = document.querySelector(`+"`"+selector+"`"+`); e.scrollIntoView({block: "center"}); const r = e.getBoundingClientRect(); return [r.left, r.top, r.width, r.height]; })()`)
	at := func(i int) (x, y float64) { return box[0] + points[i][0]*box[2], box[1] + points[i][1]*box[3] }
	x, y := at(0)
	steps := []chromedp.Action[chromedp.Void]{chromedp.MouseEvent(input.DispatchMouseEventTypeMousePressed, x, y, chromedp.ButtonLeft)}
	for i := range points {
		x, y = at(i)
		steps = append(steps, chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x, y, chromedp.ButtonLeft))
	}
	steps = append(steps, chromedp.MouseEvent(input.DispatchMouseEventTypeMouseReleased, x, y, chromedp.ButtonLeft))
	p.run("draw on "+selector, steps...)
}

// Drawn waits until the page is drawn: it is then that it gives its first focus.
func (p *Page) Drawn() {
	p.t.Helper()
	if p.noScript {
		return // nothing would answer
	}
	Eval[bool](p, `new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(() => drawn(true))))`)
}

// Press sends keys to what has the focus: kb.Tab, kb.Enter, or a text.
func (p *Page) Press(keys string) {
	p.t.Helper()
	p.Drawn()
	p.run("press", chromedp.KeyEvent(keys))
}

// PressAndLoad sends keys that lead to another page, and waits until it is
// loaded: for who has no mouse.
func (p *Page) PressAndLoad(keys string) {
	p.t.Helper()
	p.Drawn()
	ask(p, "press", func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.RunResponse(ctx, chromedp.KeyEvent(keys))
		return chromedp.Void{}, err
	})
}

// Wait waits until an element is visible.
func (p *Page) Wait(selector string) {
	p.t.Helper()
	p.run("wait for "+selector, chromedp.WaitVisible(locate(selector)))
}

// locate is the JavaScript expression of the element a selector means.
func locate(selector string) chromedp.JSPath {
	if text, ok := strings.CutPrefix(selector, "text="); ok {
		quote := `"`
		if strings.Contains(text, quote) {
			quote = "'"
		}
		selector = `//*[self::a or self::button or self::label or self::summary][normalize-space(.)=` + quote + text + quote + `]`
	}
	if strings.HasPrefix(selector, "//") {
		return chromedp.JSPath("document.evaluate(" + js(selector) + ", document, null, XPathResult.FIRST_ORDERED_NODE_TYPE, null).singleNodeValue")
	}
	return chromedp.JSPath("document.querySelector(" + js(selector) + ")")
}

// js is a text as JavaScript writes it.
func js(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err) // a string always marshals
	}
	return string(b)
}

var unsafeName = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// Screenshot keeps a picture of the whole page, for a person to look at, when
// CAPTURES names the folder to put it in: it costs a fifth of a journey.
func (p *Page) Screenshot(name string) {
	p.t.Helper()
	if os.Getenv(capturesFolder) != "" {
		p.Capture(name)
	}
}

// Capture makes a picture of the whole page, in the folder CAPTURES or
// .captures, and gives its path.
func (p *Page) Capture(name string) string {
	p.t.Helper()
	return p.save(name, ask(p, "screenshot", chromedp.FullScreenshot(100)))
}

const capturesFolder = "CAPTURES"

func (p *Page) save(name string, picture []byte) string {
	p.t.Helper()
	dir := os.Getenv(capturesFolder)
	if dir == "" {
		dir = filepath.Join(Root(p.t), ".captures")
	}
	path := filepath.Join(dir, unsafeName.ReplaceAllString(name, "-")+".png")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, picture, 0o644); err != nil {
		p.t.Fatal(err)
	}
	return path
}
