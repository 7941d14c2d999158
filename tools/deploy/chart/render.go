// Renders the chart as `helm template` would, where helm itself is not installed: the same template engine and functions
// (text/template and sprig), without a cluster. `go run render.go CHART RELEASE VALUES.json` prints the documents.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
)

func main() {
	if err := render(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// render takes Chart and Values as JSON: who calls it has read the YAML.
func render(folder, release, given string) error {
	var input struct{ Values, Chart map[string]interface{} }
	if err := json.Unmarshal([]byte(given), &input); err != nil {
		return err
	}
	data := map[string]interface{}{
		"Values":  input.Values,
		"Chart":   input.Chart,
		"Release": map[string]interface{}{"Name": release, "Namespace": "default", "Service": "Helm"},
	}
	root := template.New("chart").Option("missingkey=error")
	functions := sprig.TxtFuncMap()
	functions["include"] = func(name string, data interface{}) (string, error) {
		var out bytes.Buffer
		err := root.ExecuteTemplate(&out, name, data)
		return out.String(), err
	}
	functions["fail"] = func(message string) (string, error) { return "", errors.New(message) }
	root.Funcs(functions)
	files, err := filepath.Glob(filepath.Join(folder, "templates", "*"))
	if err != nil {
		return err
	}
	sort.Strings(files)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if _, err := root.New(filepath.Base(file)).Parse(string(text)); err != nil {
			return err
		}
	}
	for _, file := range files {
		if !strings.HasSuffix(file, ".yaml") && !strings.HasSuffix(file, ".txt") {
			continue
		}
		var out bytes.Buffer
		if err := root.ExecuteTemplate(&out, filepath.Base(file), data); err != nil {
			return err
		}
		if strings.HasSuffix(file, ".yaml") && strings.TrimSpace(out.String()) != "" {
			fmt.Printf("---\n# %s%s\n", filepath.Base(file), "\n"+strings.TrimPrefix(out.String(), "\n"))
		}
	}
	return nil
}
