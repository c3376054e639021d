package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// machine is what the figures depend on.
type machine struct {
	Coeurs     int    `json:"coeurs"`
	Processeur string `json:"processeur"`
	Memoire    string `json:"memoire"`
	Noyau      string `json:"noyau"`
	Systeme    string `json:"systeme_de_fichiers"`
	Go         string `json:"go"`
}

const inconnu = "inconnu"

func readMachine(dossier string) machine {
	m := machine{
		Coeurs: runtime.NumCPU(), Go: runtime.Version(), Noyau: runtime.GOOS,
		Processeur: field("/proc/cpuinfo", "model name"), Memoire: field("/proc/meminfo", "MemTotal"), Systeme: fileSystem(dossier),
	}
	if b, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.Noyau += " " + strings.TrimSpace(string(b))
	}
	return m
}

// fileSystem is that of the longest mount point above the folder. In memory
// nothing is durable, and the figures would mean nothing.
func fileSystem(dossier string) string {
	b, err := os.ReadFile("/proc/mounts")
	path, err2 := filepath.EvalSymlinks(dossier)
	if err != nil || err2 != nil {
		return inconnu
	}
	kind, best := inconnu, -1
	for line := range strings.SplitSeq(string(b), "\n") {
		f := strings.Fields(line)
		if len(f) < 3 || len(f[1]) < best {
			continue
		}
		if f[1] == "/" || path == f[1] || strings.HasPrefix(path, f[1]+"/") {
			kind, best = f[2], len(f[1])
		}
	}
	if kind == "tmpfs" {
		kind += " (en mémoire : rien n'est durable)"
	}
	return kind
}

// field reads « name : value » in a file of /proc.
func field(file, name string) string {
	b, err := os.ReadFile(file)
	if err != nil {
		return inconnu
	}
	for line := range strings.SplitSeq(string(b), "\n") {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == name {
			return strings.TrimSpace(v)
		}
	}
	return inconnu
}

func (m machine) String() string {
	return fmt.Sprintf("Machine : %d cœurs (%s), mémoire %s, %s, %s.\nSystème de fichiers des bases : %s ; écritures forcées sur le disque (fsync).\n",
		m.Coeurs, m.Processeur, m.Memoire, m.Noyau, m.Go, m.Systeme)
}
