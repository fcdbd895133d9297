// keys read KEY: prints the public key. keys make PREFIX: a pair as cosign makes it. The passphrase is in PASSPHRASE.
//
// With the package that cosign locks its keys with.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"

	"github.com/secure-systems-lab/go-securesystemslib/encrypted"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	if os.Args[1] == "make" {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		must(err)
		der, err := x509.MarshalPKCS8PrivateKey(key)
		must(err)
		sealed, err := encrypted.Encrypt(der, []byte(os.Getenv("PASSPHRASE")))
		must(err)
		must(os.WriteFile(os.Args[2]+".key", pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED SIGSTORE PRIVATE KEY", Bytes: sealed}), 0600))
		spki, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
		must(err)
		must(os.WriteFile(os.Args[2]+".pub", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki}), 0644))
		return
	}
	text, err := os.ReadFile(os.Args[2])
	must(err)
	block, _ := pem.Decode(text)
	der, err := encrypted.Decrypt(block.Bytes, []byte(os.Getenv("PASSPHRASE")))
	must(err)
	any, err := x509.ParsePKCS8PrivateKey(der)
	must(err)
	spki, err := x509.MarshalPKIXPublicKey(&any.(*ecdsa.PrivateKey).PublicKey)
	must(err)
	fmt.Print(string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki})))
}
