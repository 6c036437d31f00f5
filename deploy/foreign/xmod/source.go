package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// No tile, bundle or checkpoint is larger: a bundle has 256 entries of at most 65,535 bytes.
const largest = 256 * (2 + 65535)

// A source is where a log's files are: a directory, or a URL.
type source struct{ base string }

func sourceOf(base string) source { return source{strings.TrimSuffix(base, "/")} }

func (s source) read(name string) ([]byte, error) {
	if !strings.HasPrefix(s.base, "http://") && !strings.HasPrefix(s.base, "https://") {
		return os.ReadFile(filepath.Join(s.base, filepath.FromSlash(name)))
	}
	response, err := http.Get(s.base + "/" + name)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", name, response.Status)
	}
	return io.ReadAll(io.LimitReader(response.Body, largest))
}

// path is where C2SP tlog-tiles has a tile or bundle; x/mod's own path begins with the height.
func path(tile tlog.Tile) string {
	found := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
	return strings.Replace(found, "tile/data/", "tile/entries/", 1)
}

// tiles reads hash tiles, and keeps those above the leaves that were found to be in the tree: each
// bundle needs them again.
type tiles struct {
	from  source
	known map[tlog.Tile][]byte
}

func newTiles(from source) *tiles { return &tiles{from, map[tlog.Tile][]byte{}} }

func (t *tiles) Height() int { return 8 }

func (t *tiles) SaveTiles(found []tlog.Tile, content [][]byte) {
	for i, tile := range found {
		if tile.L > 0 {
			t.known[tile] = content[i]
		}
	}
}

func (t *tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	found := make([][]byte, len(wanted))
	for i, tile := range wanted {
		if known, ok := t.known[tile]; ok {
			found[i] = known
			continue
		}
		content, err := t.from.read(path(tile))
		if err != nil {
			return nil, err
		}
		found[i] = content
	}
	return found, nil
}
