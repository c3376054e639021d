package traduction

// Courantes are the translations of the text in force.
func Courantes() []Traduction { return courantes }
