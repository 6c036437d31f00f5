// Command xmod checks a log of ours with code that is not ours: golang.org/x/mod's sumdb/note and
// sumdb/tlog, by which every Go installation checks its modules, and filippo.io/torchwood for what
// they do not have, witnesses' cosignatures under a C2SP policy and receipts.
//
//	xmod [-policy FILE [-max-age SECONDS]] [-old NOTE] VKEY DIR|URL
//	        every entry, and that the log continues NOTE
//	xmod -policy FILE -receipt FILE ENTRY
//	        a .tlog-proof of the entry in a file
//
// It ends with 0 where the log is accepted, 1 where it is refused, and 2 where it was asked wrongly.
package main

import (
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const width = 256

func main() {
	policy := flag.String("policy", "", "a C2SP tlog-policy that the checkpoint has to satisfy")
	age := flag.Int64("max-age", 0, "how long ago, in seconds, the policy's witnesses may have cosigned")
	old := flag.String("old", "", "a signed checkpoint that was saved before")
	receipt := flag.String("receipt", "", "a .tlog-proof")
	flag.Parse()
	var said string
	var err error
	switch {
	case *receipt != "" && *policy != "" && flag.NArg() == 1:
		said, err = checkReceipt(*policy, *receipt, flag.Arg(0))
	case *receipt == "" && flag.NArg() == 2:
		said, err = checkLog(flag.Arg(0), sourceOf(flag.Arg(1)), *policy, *age, *old)
	default:
		flag.Usage()
		os.Exit(2)
	}
	if err != nil {
		fmt.Println("refused:", err)
		os.Exit(1)
	}
	fmt.Println("accepted:", said)
}

func checkReceipt(policyFile, receiptFile, entryFile string) (string, error) {
	policy, err := readPolicy(policyFile)
	if err != nil {
		return "", err
	}
	receipt, err := os.ReadFile(receiptFile)
	if err != nil {
		return "", err
	}
	entry, err := os.ReadFile(entryFile)
	if err != nil {
		return "", err
	}
	return "the receipt", torchwood.VerifyProof(policy, tlog.RecordHash(entry), receipt)
}

// checkLog verifies the checkpoint's signatures, the tiles under its root, each entry under its
// tile, and that the log continues an old checkpoint.
func checkLog(vkey string, from source, policyFile string, age int64, oldFile string) (string, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return "", err
	}
	signed, err := from.read("checkpoint")
	if err != nil {
		return "", err
	}
	tree, err := openCheckpoint(signed, verifier)
	if err != nil {
		return "", err
	}
	if policyFile != "" {
		if err := checkPolicy(policyFile, signed, verifier, age); err != nil {
			return "", err
		}
	}
	hashes := tlog.TileHashReader(tree, newTiles(from))
	if oldFile != "" {
		if err := checkContinues(oldFile, verifier, tree, hashes); err != nil {
			return "", err
		}
	}
	for bundle := int64(0); bundle*width < tree.N; bundle++ {
		if err := checkBundle(bundle, tree, from, hashes); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%d entries under %s", tree.N, tree.Hash), nil
}

func openCheckpoint(signed []byte, verifier note.Verifier) (tlog.Tree, error) {
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	checkpoint, err := torchwood.ParseCheckpoint(opened.Text)
	if err != nil {
		return tlog.Tree{}, err
	}
	if checkpoint.Origin != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("the checkpoint is of %q", checkpoint.Origin)
	}
	return checkpoint.Tree, nil
}

// checkPolicy verifies that those cosigned who had to; with an age, that they did so lately.
func checkPolicy(file string, signed []byte, log note.Verifier, age int64) error {
	policy, err := readPolicy(file)
	if err != nil {
		return err
	}
	checkpoint, opened, err := torchwood.VerifyCheckpoint(signed, policy)
	if err != nil || age == 0 {
		return err
	}
	var lately []note.Signature
	for _, each := range opened.Sigs {
		if each.Name == log.Name() && each.Hash == log.KeyHash() {
			lately = append(lately, each)
			continue
		}
		at, err := torchwood.CosignatureTimestamp(each)
		if err != nil {
			return err
		}
		if time.Now().Unix()-at <= age {
			lately = append(lately, each)
		}
	}
	if err := policy.Check(checkpoint.Origin, lately); err != nil {
		return fmt.Errorf("within %d s: %w", age, err)
	}
	return nil
}

func checkContinues(file string, verifier note.Verifier, tree tlog.Tree, hashes tlog.HashReader) error {
	signed, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	old, err := openCheckpoint(signed, verifier)
	if err != nil {
		return fmt.Errorf("the old checkpoint: %w", err)
	}
	if old.N > tree.N {
		return fmt.Errorf("a checkpoint of %d entries was seen before this one of %d", old.N, tree.N)
	}
	if old.N == 0 {
		return nil
	}
	proof, err := tlog.ProveTree(tree.N, old.N, hashes)
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash); err != nil {
		return fmt.Errorf("the log does not continue the old checkpoint: %w", err)
	}
	return nil
}

func checkBundle(number int64, tree tlog.Tree, from source, hashes tlog.HashReader) error {
	first := number * width
	many := min(width, tree.N-first)
	content, err := from.read(path(tlog.Tile{H: 8, L: -1, N: number, W: int(many)}))
	if err != nil {
		return err
	}
	places := make([]int64, many)
	for i := range places {
		places[i] = tlog.StoredHashIndex(0, first+int64(i))
	}
	wanted, err := hashes.ReadHashes(places)
	if err != nil {
		return err
	}
	for i, hash := range wanted {
		if len(content) < 2 || len(content)-2 < int(binary.BigEndian.Uint16(content)) {
			return fmt.Errorf("entry %d: the bundle ends in it", first+int64(i))
		}
		length := int(binary.BigEndian.Uint16(content))
		if tlog.RecordHash(content[2:2+length]) != hash {
			return fmt.Errorf("entry %d is not the one in the tree", first+int64(i))
		}
		content = content[2+length:]
	}
	if len(content) != 0 {
		return errors.New("a bundle has more entries than the tree")
	}
	return nil
}

func readPolicy(file string) (torchwood.Policy, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return torchwood.ParsePolicy(content)
}
