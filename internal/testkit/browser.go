package testkit

import (
	"context"
	"os/exec"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// Browser is a session of a real Chromium: its cookies are its own, so that
// two sessions are two people. One Chromium serves all the sessions of the
// process and ends with the last.
type Browser struct {
	t     testing.TB
	first context.Context // the tab that holds the session
}

// chromium is the running program and who uses it.
var chromium struct {
	sync.Mutex
	users int
	ctx   context.Context
	stop  func()
}

// NewBrowser opens a session for the length of the test.
func NewBrowser(t testing.TB) *Browser {
	t.Helper()
	root := acquireChromium(t)
	ctx, cancel := chromedp.NewContext(root, chromedp.WithNewBrowserContext())
	t.Cleanup(func() {
		cancel()
		releaseChromium()
	})
	if err := chromedp.Do(ctx); err != nil { // the first call makes the session
		t.Fatalf("Chromium: %v", err)
	}
	return &Browser{t: t, first: ctx}
}

func acquireChromium(t testing.TB) context.Context {
	t.Helper()
	chromium.Lock()
	defer chromium.Unlock()
	if chromium.users == 0 {
		ctx, stop, err := startChromium()
		if err != nil {
			t.Fatalf("%v", err)
		}
		chromium.ctx, chromium.stop = ctx, stop
	}
	chromium.users++
	return chromium.ctx
}

func releaseChromium() {
	chromium.Lock()
	defer chromium.Unlock()
	chromium.users--
	if chromium.users == 0 {
		chromium.stop()
	}
}

// chromiumNames are the programs that will do. The first is the engine without
// the windows around it: half the processor for the same pages.
var chromiumNames = []string{
	"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable",
	"/Applications/Chromium.app/Contents/MacOS/Chromium",
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
}

type missing string

func (m missing) Error() string { return string(m) }

func startChromium() (context.Context, func(), error) {
	var path string
	for _, name := range chromiumNames {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		return nil, nil, missing("Chromium manque : les parcours se font dans un vrai navigateur. Sous Debian : apt-get install chromium")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("lang", "fr-FR"),
		// Captures are the same at each run.
		chromedp.Flag("force-prefers-reduced-motion", true),
		chromedp.Flag("font-render-hinting", "none"),
		chromedp.Env("TZ=Europe/Paris", "LANGUAGE=fr"),
		// Only this machine can be reached: a page that asks a third party for
		// anything fails.
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1"),
	)
	alloc, stopAlloc := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, stop := chromedp.NewContext(alloc)
	if err := chromedp.Do(ctx); err != nil {
		stop()
		stopAlloc()
		return nil, nil, err
	}
	return ctx, func() { stop(); stopAlloc() }, nil
}
