// Command k6 is Grafana's k6, built from its module: installing it by name needs a host that is
// not reachable everywhere, building it from a module proxy works wherever Go does.
package main

import "go.k6.io/k6/v2/cmd"

func main() { cmd.Execute() }
