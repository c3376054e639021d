# Une ligne par intention ; le détail est dans tools/.
# ARGS passe des options : make demo ARGS="--play"
export CGO_ENABLED = 0
export ARGS
.PHONY: demo test check bench bench-grand assets generate build

demo: build ## la démonstration, sur http://localhost:3000
	@exec bin/aidantsconnect demo $(ARGS)

test: ## tout : règles de la maison, puis essais sur les deux bases, avec Chromium
	@tools/prerequis.sh
	@tools/actifs.sh >&2
	@tools/verifier.sh
	@tools/essais.sh

check: ## format, vet, staticcheck, fichiers générés, règles de la maison
	@tools/verifier.sh

bench: build ## les mesures, sur les deux bases
	@exec tools/mesures.sh $(ARGS)

bench-grand: ## le journal à dix millions de lignes, les listes à un million de mandats, une fermeture : une heure, 20 Gio
	@ARGS="-seulement journal -grand 10000000 $(ARGS)" tools/mesures.sh
	@ARGS="-seulement listes -mandats 1000000 $(ARGS)" tools/mesures.sh
	@ARGS="-seulement fermeture -mandats 20000 $(ARGS)" tools/mesures.sh
	@ARGS="-seulement fermeture -mandats 20000 $(ARGS)" tools/mesures.sh

assets: ## les ressources de l'interface (DSFR, polices)
	@tools/actifs.sh

generate: ## le Go des pages, les schémas à relire, docs/conformite.md, docs/acces.md
	@tools/generer.sh

build:
	@tools/actifs.sh >&2
	@go build -buildvcs=false -o bin/aidantsconnect ./cmd/aidantsconnect >&2
