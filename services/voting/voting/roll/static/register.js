// The proof of work before a message is sent: a number whose SHA-256, after this form's challenge,
// begins with zero bits (shared/proof_of_work.py). No other script, and nothing else is asked.

const K = [];
const H = [];
// FIPS 180-4 §4.2.2 and §5.3.3: of the roots of the first primes, 32 bits of the fraction.
for (let n = 2; K.length < 64; n += 1) {
  let prime = true;
  for (let d = 2; d * d <= n; d += 1) if (n % d === 0) prime = false;
  if (!prime) continue;
  const fraction = (root) => ((root - Math.floor(root)) * 2 ** 32) | 0;
  if (H.length < 8) H.push(fraction(Math.sqrt(n)));
  K.push(fraction(Math.cbrt(n)));
}

const turned = (word, by) => (word >>> by) | (word << (32 - by));

// SHA-256 of ASCII, as eight words: many thousand are made, and the browser's own would be waited
// for one by one.
export function sha256(ascii) {
  const blocks = ((ascii.length + 8) >> 6) + 1;
  const words = new Int32Array(blocks * 16);
  for (let at = 0; at < ascii.length; at += 1) words[at >> 2] |= ascii.charCodeAt(at) << (24 - 8 * (at & 3));
  words[ascii.length >> 2] |= 0x80 << (24 - 8 * (ascii.length & 3));
  words[words.length - 1] = ascii.length * 8;
  const hash = Int32Array.from(H);
  const w = new Int32Array(64);
  for (let block = 0; block < blocks; block += 1) {
    let [a, b, c, d, e, f, g, h] = hash;
    for (let t = 0; t < 64; t += 1) {
      if (t < 16) w[t] = words[block * 16 + t];
      else {
        const x = w[t - 15];
        const y = w[t - 2];
        const s0 = turned(x, 7) ^ turned(x, 18) ^ (x >>> 3);
        const s1 = turned(y, 17) ^ turned(y, 19) ^ (y >>> 10);
        w[t] = w[t - 16] + s0 + w[t - 7] + s1;
      }
      const S1 = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
      const one = (h + S1 + ((e & f) ^ (~e & g)) + K[t] + w[t]) | 0;
      const S0 = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22);
      const two = (S0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((word, at) => (hash[at] += word));
  }
  return hash;
}

// Whether so many bits, at most 32, are zero at the beginning of a number's hash.
export const holds = (challenge, number, bits) =>
  bits === 0 || sha256(`${challenge}/${number}`)[0] >>> (32 - bits) === 0;

// The first number that proves work; the page stays alive between two handfuls.
export async function solved(challenge, bits) {
  for (let number = 0; ; number += 1) {
    if (holds(challenge, number, bits)) return String(number);
    if (number % 2000 === 1999) await new Promise((done) => setTimeout(done));
  }
}

if (typeof document !== "undefined") {
  const form = document.getElementById("register");
  const wait = document.getElementById("wait");
  form?.addEventListener("submit", async (sent) => {
    sent.preventDefault();
    const { once, proof, proof_day: day, proof_bits: bits } = form.elements;
    if (form.dataset.busy) return;
    form.dataset.busy = "yes";
    wait.hidden = false;
    proof.value = await solved(`${wait.dataset.round}/${day.value}/${once.value}`, Number(bits.value));
    delete form.dataset.busy;
    form.submit();
  });
}
