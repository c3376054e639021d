package testkit

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"

	"aidantsconnect/internal/secret"
)

// Cle is a security key and the browser around it (WebAuthn, ES256), in
// software: it answers the challenges that the program puts, as it is told to.
type Cle struct {
	Origine       string // where the browser says it is
	SansPersonne  bool   // the device did not verify the person
	Sauvegardable bool   // a passkey copied between devices
	Compteur      uint32 // of signatures; 0 and never moved when SansCompteur
	SansCompteur  bool
	Defi          []byte // answers this challenge instead of the one put

	ID, Titulaire []byte // credential and user handle, once created
	cle           *ecdsa.PrivateKey
	t             testing.TB
}

// NewCle makes a key, in a browser at this origin.
func NewCle(t testing.TB, origine string) *Cle {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &Cle{Origine: origine, ID: secret.Random(32), cle: k, t: t}
}

// options are the parts of both kinds of options that a device reads.
type options struct {
	PublicKey struct {
		Challenge string `json:"challenge"`
		RpID      string `json:"rpId"`
		Rp        struct {
			ID string `json:"id"`
		} `json:"rp"`
		User struct {
			ID string `json:"id"`
		} `json:"user"`
	} `json:"publicKey"`
}

func (c *Cle) read(raw string) (o options) {
	c.t.Helper()
	if err := json.Unmarshal([]byte(raw), &o); err != nil {
		c.t.Fatalf("options of a challenge: %v", err)
	}
	return o
}

// Create answers a challenge of registration.
func (c *Cle) Create(raw string) []byte {
	c.t.Helper()
	o := c.read(raw)
	c.Titulaire = c.decode(o.PublicKey.User.ID)
	data := c.authData(o.PublicKey.Rp.ID, true)
	x, y := make([]byte, 32), make([]byte, 32)
	c.cle.X.FillBytes(x)
	c.cle.Y.FillBytes(y)
	public := c.cbor(webauthncose.EC2PublicKeyData{
		PublicKeyData: webauthncose.PublicKeyData{KeyType: int64(webauthncose.EllipticKey), Algorithm: int64(webauthncose.AlgES256)},
		Curve:         int64(webauthncose.P256), XCoord: x, YCoord: y,
	})
	data = append(data, make([]byte, 16)...) // AAGUID: none
	data = binary.BigEndian.AppendUint16(data, uint16(len(c.ID)))
	data = append(append(data, c.ID...), public...)
	object := c.cbor(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})
	return c.answer(map[string]any{
		"clientDataJSON": c.encode(c.client("webauthn.create", o)), "attestationObject": c.encode(object), "transports": []string{"usb"},
	})
}

// Get answers a challenge of assertion.
func (c *Cle) Get(raw string) []byte {
	c.t.Helper()
	o := c.read(raw)
	client := c.client("webauthn.get", o)
	data := c.authData(o.PublicKey.RpID, false)
	digest := sha256.Sum256(client)
	signed := sha256.Sum256(append(append([]byte{}, data...), digest[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, c.cle, signed[:])
	if err != nil {
		c.t.Fatal(err)
	}
	return c.answer(map[string]any{
		"clientDataJSON": c.encode(client), "authenticatorData": c.encode(data), "signature": c.encode(signature), "userHandle": c.encode(c.Titulaire),
	})
}

// authData is the beginning of what a device signs (WebAuthn §6.1).
func (c *Cle) authData(rp string, created bool) []byte {
	flags := byte(0x01) // somebody touched it
	if !c.SansPersonne {
		flags |= 0x04
	}
	if c.Sauvegardable {
		flags |= 0x18
	}
	if created {
		flags |= 0x40
	} else if !c.SansCompteur {
		c.Compteur++
	}
	digest := sha256.Sum256([]byte(rp))
	return binary.BigEndian.AppendUint32(append(digest[:], flags), c.Compteur)
}

func (c *Cle) client(kind string, o options) []byte {
	challenge := o.PublicKey.Challenge
	if c.Defi != nil {
		challenge = c.encode(c.Defi)
	}
	b, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": c.Origine, "crossOrigin": false})
	if err != nil {
		c.t.Fatal(err)
	}
	return b
}

func (c *Cle) answer(response map[string]any) []byte {
	b, err := json.Marshal(map[string]any{
		"id": c.encode(c.ID), "rawId": c.encode(c.ID), "type": "public-key", "response": response, "clientExtensionResults": map[string]any{},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return b
}

func (c *Cle) cbor(v any) []byte {
	b, err := webauthncbor.Marshal(v)
	if err != nil {
		c.t.Fatal(err)
	}
	return b
}

func (*Cle) encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (c *Cle) decode(s string) []byte {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		c.t.Fatal(err)
	}
	return b
}
