// Package app puts the rooms together: configuration in, running service out. The commands and the end-to-end tests
// both use it. Entry points: [Open] and [App.Serve].
package app

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
)

// Storage says where everything is kept. Every command has these flags.
type Storage struct {
	Data      string `help:"Folder of the embedded database, the master key and temporary files." default:"./data" env:"OPENGATE_DATA" placeholder:"DIR"`
	MongoDB   string `name:"mongodb" help:"Use this MongoDB replica set instead of the embedded database." env:"OPENGATE_MONGODB_URI" placeholder:"URI"`
	MasterKey string `help:"File of the master key (default: master.key in the data folder)." env:"OPENGATE_MASTER_KEY_FILE" placeholder:"FILE"`
}

func (s Storage) masterKey() string {
	if s.MasterKey != "" {
		return s.MasterKey
	}
	return filepath.Join(s.Data, "master.key")
}

// Database is the file of the embedded engine.
func (s Storage) Database() string { return filepath.Join(s.Data, "opengate.db") }

// Serving says how the service is reached.
type Serving struct {
	Addr           string   `help:"Address to listen on." default:":8080" env:"OPENGATE_ADDR"`
	BaseURL        string   `kong:"-"` // public address without a path; "" is http://localhost and the port
	Demo           bool     `help:"Open the demonstration survey with made-up answers and one release. Refuses a data folder that holds anything else." env:"OPENGATE_DEMO"`
	TrustedProxies []string `help:"Addresses or networks of the proxies whose X-Forwarded-For is believed." env:"OPENGATE_TRUSTED_PROXIES" placeholder:"CIDR"`
	QuickExit      string   `help:"Public page that the quick exit leads to." default:"https://www.wikipedia.org/" env:"OPENGATE_QUICK_EXIT" placeholder:"URL"`
	LogLevel       string   `help:"Least severe messages to log: debug, info, warn or error." default:"info" enum:"debug,info,warn,error" env:"OPENGATE_LOG_LEVEL"`
}

// Check reports everything that is wrong with the settings at once.
func (s Serving) Check() error {
	var errs []error
	if _, _, err := net.SplitHostPort(s.Addr); err != nil {
		errs = append(errs, fmt.Errorf("--addr %q: write it as host:port, such as :8080 or 127.0.0.1:8080", s.Addr))
	}
	if s.BaseURL != "" && !webAddress(s.BaseURL) {
		errs = append(errs, fmt.Errorf("--base-url %q: write it as https://host, without a path", s.BaseURL))
	}
	if u, err := url.Parse(s.QuickExit); err != nil || u.Host == "" || u.Scheme != "https" {
		errs = append(errs, fmt.Errorf("--quick-exit %q: write the whole https address of a public page", s.QuickExit))
	}
	for _, p := range s.TrustedProxies {
		_, notNetwork := netip.ParsePrefix(p)
		_, notAddress := netip.ParseAddr(p)
		if notNetwork != nil && notAddress != nil {
			errs = append(errs, fmt.Errorf("--trusted-proxies %q: write an address or a network, such as 10.0.0.0/8", p))
		}
	}
	return errors.Join(errs...)
}

func webAddress(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") && strings.Trim(u.Path, "/") == ""
}

// baseURL is the public address without a slash at the end, port being the one that is really listened on.
func (s Serving) baseURL(port string) string {
	if s.BaseURL != "" {
		return strings.TrimRight(s.BaseURL, "/")
	}
	return "http://localhost:" + port
}
