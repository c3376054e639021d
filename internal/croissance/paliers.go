package croissance

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/organisation"
)

// Lieu is a structure with an aidant who is signed in.
type Lieu struct {
	Structure
	Organisation organisation.Organisation
	Cookie       string
}

// Hote is the service that is measured.
type Hote struct {
	Nouveau func(ctx context.Context, n int) (Lieu, error)                 // opens the n-th structure
	Lire    func(ctx context.Context, l Lieu, path string) (int, error)    // shows a page, and gives its length
	Mener   func(ctx context.Context, l Lieu, mots string) (string, error) // asks for the list of a search, or of a use when empty, and gives its address
	Reposer func(ctx context.Context) error                                // what a database does by itself in time
	Dire    func(string)
}

// Palier is one size of the service.
type Palier struct {
	Base     string  `json:"base"`
	Mandats  int     `json:"mandats"`
	Secondes float64 `json:"chargement_s"`
	Mio      int64   `json:"base_mio"`
	Vues     []Vue   `json:"structures"`
}

// Vue is a structure at that size, with its pages.
type Vue struct {
	Nom     string  `json:"structure"`
	Mandats int     `json:"mandats"`
	Pages   []Temps `json:"pages"`
}

// suivie is a structure whose pages are measured: at each size it holds a share
// of the mandats, up to a bound.
type suivie struct {
	Vue
	genres      []Genre
	part, borne int // one mandat out of so many, and no more than these
	lieu        Lieu
	modele      ident.UsagerID // whose story the acts wrote
}

// mesurees: two lists of the sizes that are promised, and the hardest one to
// page, where a walk in the order of the names meets nobody who fits.
func mesurees() []*suivie {
	return []*suivie{
		{Vue: Vue{Nom: "50 000 mandats au plus"}, genres: Commun, part: 2, borne: 50_000},
		{Vue: Vue{Nom: "2 000 personnes au plus"}, genres: Commun, part: 5, borne: 2_200},
		{Vue: Vue{Nom: "presque tout est fini, 25 000 au plus"}, genres: Vieux, part: 5, borne: 25_000},
	}
}

// modeles is how many mandats the modèles of a structure have.
const modeles = 8

// Mesurer loads the service up to so many mandats, by powers of ten from a
// thousand, and times the pages at each of them.
func (a *Atelier) Mesurer(ctx context.Context, h Hote, jusque int) (out []Palier, err error) {
	all := mesurees()
	for i, s := range all {
		if s.lieu, err = h.Nouveau(ctx, i); err != nil {
			return nil, err
		}
		a.Sub = fmt.Sprint("modele-", i)
		if err := a.Modeles(ctx, s.lieu); err != nil {
			return nil, err
		}
		s.Mandats, s.modele = modeles, a.dernier
	}
	c := chargeur{a: a, h: h, total: modeles * len(all), structures: len(all)}
	for n := 1000; n <= jusque; n *= 10 {
		h.Dire(fmt.Sprintf("listes : %d mandats", n))
		begin := time.Now()
		if err := c.fill(ctx, all, n); err != nil {
			return nil, err
		}
		if err := h.Reposer(ctx); err != nil {
			return nil, err
		}
		p := Palier{Base: string(a.Serveur.DB.Dialect()), Mandats: c.total, Secondes: time.Since(begin).Seconds()}
		if p.Mio, err = a.size(ctx); err != nil {
			return nil, err
		}
		for _, s := range all {
			if s.Pages, err = s.time(ctx, a, h); err != nil {
				return nil, fmt.Errorf("%s: %w", s.Nom, err)
			}
			p.Vues = append(p.Vues, s.Vue)
		}
		out = append(out, p)
		var table strings.Builder // a long run that is stopped has said this
		Imprimer(&table, out)
		h.Dire(table.String())
	}
	left, err := a.Reste(ctx)
	if err == nil && len(left) > 0 {
		err = fmt.Errorf("copies refer to nothing: %v", left)
	}
	return out, err
}

// chargeur counts what was loaded.
type chargeur struct {
	a                            *Atelier
	h                            Hote
	total, personnes, structures int
}

// fill brings the service to n mandats: the measured structures first, then as
// many others as it takes, of two thousand people each. The structures are all
// there before the first person is written: nobody else writes meanwhile.
func (c *chargeur) fill(ctx context.Context, all []*suivie, n int) (err error) {
	var lots []Lot
	for _, s := range all {
		more := min(n/s.part, s.borne) - s.Mandats
		lots = append(lots, c.lot(s.lieu, s.genres, more))
		s.Mandats += max(0, more)
	}
	for c.total < n {
		l, err := c.h.Nouveau(ctx, c.structures)
		if err != nil {
			return err
		}
		c.structures++
		lots = append(lots, c.lot(l, Commun, min(2200, n-c.total)))
	}
	return c.a.Charger(ctx, lots...)
}

// lot is as many people as it takes to have so many mandats.
func (c *chargeur) lot(l Lieu, genres []Genre, mandats int) Lot {
	lot := Lot{Structure: l.Structure, Genres: genres, Premier: 1_000_000 + c.personnes}
	for got := 0; got < mandats; lot.Personnes++ {
		got += genres[lot.Personnes%len(genres)].Mandats()
		c.total += genres[lot.Personnes%len(genres)].Mandats()
	}
	c.personnes += lot.Personnes
	return lot
}

const usagers = "/espace-aidant/usagers/"

// time shows each page again and again.
func (s *suivie) time(ctx context.Context, a *Atelier, h Hote) (out []Temps, err error) {
	loin, err := a.deep(ctx, s.lieu.ID)
	if err != nil {
		return nil, err
	}
	recherche, err := h.Mener(ctx, s.lieu, "guillou")
	if err != nil {
		return nil, err
	}
	personne, err := h.Mener(ctx, s.lieu, "zwyxz")
	if err != nil {
		return nil, err
	}
	choix, err := h.Mener(ctx, s.lieu, "")
	if err != nil {
		return nil, err
	}
	for _, p := range []struct{ nom, path string }{
		{"actifs, première page", usagers},
		{"actifs, page par clé aux neuf dixièmes", usagers + "?apres=" + loin},
		{"actifs, page précédente", usagers + "?avant=" + loin},
		{"expirés", usagers + "?onglet=expires"},
		{"expirés, aux neuf dixièmes", usagers + "?onglet=expires&apres=" + loin},
		{"révoqués", usagers + "?onglet=revoques"},
		{"révoqués, aux neuf dixièmes", usagers + "?onglet=revoques&apres=" + loin},
		{"qui finissent bientôt", usagers + "?bientot=1"},
		{"une démarche", usagers + "?demarche=social"},
		{"recherche d’un nom", recherche},
		{"recherche qui ne trouve personne", personne},
		{"la même, parmi les expirés", personne + "&onglet=expires"},
		{"fiche d’une personne", usagers + s.modele.String() + "/"},
		{"histoire d’une personne", usagers + s.modele.String() + "/histoire/"},
		{"calendrier des échéances", "/espace-aidant/echeances/"},
		{"accueil", "/espace-aidant/"},
		{"choix de la personne, à l’utilisation", choix},
	} {
		t, err := clock(ctx, func() (int, error) { return h.Lire(ctx, s.lieu, p.path) })
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.nom, err)
		}
		t.Page = p.nom
		out = append(out, t)
	}
	return out, nil
}

// clock times what is done 30 times, or for two seconds, after two that do not
// count.
func clock(ctx context.Context, do func() (int, error)) (t Temps, err error) {
	var all []time.Duration
	end := time.Now().Add(2 * time.Second)
	for n := 0; n < 32 && (n < 5 || time.Now().Before(end)); n++ {
		begin := time.Now()
		if t.Octets, err = do(); err != nil {
			return t, err
		}
		if all = append(all, time.Since(begin)); ctx.Err() != nil {
			return t, ctx.Err()
		}
	}
	all = all[2:]
	t.P50, t.Max = bornes(all)
	t.Min = float64(all[0].Microseconds()) / 1000
	return t, nil
}

// Imprimer writes the table: a column by size, and the growth.
func Imprimer(out io.Writer, all []Palier) {
	if len(all) == 0 {
		return
	}
	fmt.Fprintf(out, "\n%s : les listes, selon ce que le service contient (médiane, et le plus court)\n\n", all[0].Base)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for i, v := range all[0].Vues {
		fmt.Fprintf(w, "%s\t", v.Nom)
		for _, p := range all {
			fmt.Fprintf(w, "%d (ici %d)\t", p.Mandats, p.Vues[i].Mandats)
		}
		fmt.Fprint(w, "dernière / première\t\n")
		for k, page := range v.Pages {
			fmt.Fprintf(w, "%s\t", page.Page)
			for _, p := range all {
				fmt.Fprintf(w, "%.1f (%.1f) ms\t", p.Vues[i].Pages[k].P50, p.Vues[i].Pages[k].Min)
			}
			fmt.Fprintf(w, "%s\t\n", Rapport(page, all[len(all)-1].Vues[i].Pages[k]))
		}
		fmt.Fprint(w, "\t\n")
	}
	_ = w.Flush()
	for _, p := range all {
		fmt.Fprintf(out, "%d mandats : chargés en %.0f s, base de %d Mio.\n", p.Mandats, p.Secondes, p.Mio)
	}
}

// bornes gives the median and the longest, in milliseconds.
func bornes(all []time.Duration) (p50, most float64) {
	if len(all) == 0 {
		return 0, 0
	}
	slices.Sort(all)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	return ms(all[len(all)/2]), ms(all[len(all)-1])
}
