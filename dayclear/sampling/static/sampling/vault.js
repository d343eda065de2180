// What the phone keeps about people is sealed: by a key of its own that no page and no export can take out of the browser.

const CIPHER = "AES-GCM";
const NONCE_BYTES = 12;

export const makeVaultKey = () => crypto.subtle.generateKey({ name: CIPHER, length: 256 }, false, ["encrypt", "decrypt"]);

export class Vault {
  constructor(key) {
    this.key = key;
  }

  // Anything that JSON can say. A nonce of its own each time.
  async seal(value) {
    const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    const plain = new TextEncoder().encode(JSON.stringify(value));
    return { iv, sealed: new Uint8Array(await crypto.subtle.encrypt({ name: CIPHER, iv }, this.key, plain)) };
  }

  async open({ iv, sealed }) {
    return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: CIPHER, iv }, this.key, sealed)));
  }
}
