// Package machine says what figures were measured on: the processor, the memory,
// the file system. It reads /proc, and says « inconnu » where there is none. It
// owns no table and serves no URL.
package machine

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Machine is what the figures depend on.
type Machine struct {
	Coeurs     int    `json:"coeurs"`
	Processeur string `json:"processeur"`
	Memoire    string `json:"memoire"`
	Noyau      string `json:"noyau"`
	Systeme    string `json:"systeme_de_fichiers"`
	Go         string `json:"go"`
}

const inconnu = "inconnu"

// Read describes this machine, with the file system of a folder.
func Read(dossier string) Machine {
	m := Machine{
		Coeurs: runtime.NumCPU(), Go: runtime.Version(), Noyau: runtime.GOOS,
		Processeur: Field("/proc/cpuinfo", "model name"), Memoire: Field("/proc/meminfo", "MemTotal"), Systeme: fileSystem(dossier),
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

// Field reads « name : value » in a file of /proc.
func Field(file, name string) string {
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

func (m Machine) String() string {
	return fmt.Sprintf("Machine : %d cœurs (%s), mémoire %s, %s, %s.\nSystème de fichiers des bases : %s ; écritures forcées sur le disque (fsync).\n",
		m.Coeurs, m.Processeur, m.Memoire, m.Noyau, m.Go, m.Systeme)
}
