package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// printHelp writes the help in French; kong's own is in English.
func printHelp(_ kong.HelpOptions, ctx *kong.Context) error {
	var b strings.Builder
	node := ctx.Selected()
	if node == nil || node.Type == kong.ApplicationNode {
		helpProgram(&b, ctx.Model)
	} else {
		helpCommand(&b, ctx.Model.Name, node)
	}
	_, err := io.WriteString(ctx.Stdout, b.String())
	return err
}

func helpProgram(b *strings.Builder, app *kong.Application) {
	fmt.Fprintf(b, "%s\n\nUsage : %s COMMANDE [options]\n\nCommandes :\n", app.Help, app.Name)
	for _, leaf := range app.Leaves(true) {
		fmt.Fprintf(b, "  %-22s %s\n", path(leaf), leaf.Help)
	}
	fmt.Fprintf(b, "\nLa configuration vient des variables AC_… et des options ; « %s serve --help » les explique toutes.\n", app.Name)
	fmt.Fprintf(b, "« %s COMMANDE --help » explique une commande.\n", app.Name)
}

func helpCommand(b *strings.Builder, program string, node *kong.Node) {
	if len(node.Children) > 0 {
		fmt.Fprintf(b, "Usage : %s %s COMMANDE [options]\n\n%s\n\nCommandes :\n", program, path(node), node.Help)
		for _, leaf := range node.Leaves(true) {
			fmt.Fprintf(b, "  %-22s %s\n", path(leaf), leaf.Help)
		}
		return
	}
	fmt.Fprintf(b, "Usage : %s %s [options]\n\n%s\n", program, path(node), node.Help)
	group, config := "", false
	heading := "\nOptions :\n"
	for _, f := range node.Flags {
		if f.Tag.Get("variable") != "" {
			config = true
			continue
		}
		b.WriteString(heading)
		heading = ""
		helpFlag(b, f)
	}
	if !config {
		return
	}
	b.WriteString("\nConfiguration. Chaque option est aussi une variable. Un secret n'est qu'une variable : sa valeur, ou,\nsous le nom suivi de _FILE, le chemin d'un fichier qui la contient.\n")
	for _, f := range node.Flags {
		if f.Tag.Get("variable") == "" {
			continue
		}
		if f.Group != nil && f.Group.Title != group {
			group = f.Group.Title
			fmt.Fprintf(b, "\n%s :\n", group)
		}
		helpFlag(b, f)
	}
}

// helpFlag writes one option: its forms, its explanation, its default.
func helpFlag(b *strings.Builder, f *kong.Flag) {
	help, variable := f.Help, f.Tag.Get("variable")
	var forms []string
	if !f.Tag.Has("secret") {
		form := "--" + f.Name
		if !f.IsBool() {
			form += "=" + f.PlaceHolder
		}
		forms = append(forms, form)
	}
	if variable != "" {
		forms = append(forms, variable)
	}
	if f.Name == "help" {
		help = "Affiche cette aide."
	}
	fmt.Fprintf(b, "  %s\n", strings.Join(forms, "  "))
	for _, line := range wrap(help, 90) {
		fmt.Fprintf(b, "      %s\n", line)
	}
	if f.HasDefault {
		fmt.Fprintf(b, "      Par défaut : %s.\n", f.Default)
	}
}

// path is the words of a command.
func path(n *kong.Node) string {
	var words []string
	for ; n != nil && n.Type == kong.CommandNode; n = n.Parent {
		words = append([]string{n.Name}, words...)
	}
	return strings.Join(words, " ")
}

// wrap cuts a text into lines of at most width characters.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Split(text, " ") {
		if line != "" && len([]rune(line))+1+len([]rune(word)) > width {
			lines = append(lines, line)
			line = ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return append(lines, line)
}

// french translates what kong says of a command line. It is for the eye only:
// nothing is decided on it.
var french = strings.NewReplacer(
	"unknown flag", "option inconnue", "unexpected argument", "mot inattendu", "missing flags", "options manquantes",
	"expected one of", "il manque une commande, parmi", `expected "`, `il manque une commande, "`,
	`expected string value but got "EOL" (<EOL>)`, "il manque une valeur", `expected int value but got "EOL" (<EOL>)`, "il manque un nombre",
	"expected a valid 64 bit int but got", "un nombre est attendu, et non", "expected duration but got", "une durée est attendue, et non",
	"bool value must be true, 1, yes, false, 0 or no but got", "true ou false est attendu, et non",
	"did you mean one of", "vouliez-vous dire", "did you mean", "vouliez-vous dire",
)

func inFrench(err error) string { return french.Replace(err.Error()) }
