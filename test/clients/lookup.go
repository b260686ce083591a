// Looks names up with Go's own resolver (see lookup.c for what goes in and out).
package main

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
)

func report(found []string, err error) {
	var fault *net.DNSError
	switch {
	case err == nil:
		fmt.Println(strings.Join(found, " "))
	case errors.As(err, &fault) && fault.IsNotFound:
		fmt.Println("-")
	default:
		fmt.Printf("!%v\n", err)
	}
}

func services(name string) ([]string, error) {
	_, records, err := net.LookupSRV("", "", name)
	var found []string
	for _, record := range records {
		found = append(found, fmt.Sprintf("%d:%s", record.Port, record.Target))
	}
	return found, err
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		kind, name, _ := strings.Cut(lines.Text(), " ")
		if kind == "services" {
			report(services(name))
		} else {
			report(net.LookupHost(name))
		}
	}
}
