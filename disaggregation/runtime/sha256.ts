// SHA-256 (FIPS 180-4) over linear memory. One message at a time: begin, add, end.

const BLOCK_BYTES: u32 = 64;
export const DIGEST_BYTES: u32 = 32;

/** A message's state: eight words, the number of bytes, and the unfinished block. */
const STATE: u32 = memory.data(104, 8) as u32;
const COUNT: u32 = STATE + 32;
const BLOCK: u32 = STATE + 40;
const SCHEDULE: u32 = memory.data(256, 4) as u32;
const ROUNDS: u32 = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]) as u32;
const FIRST: u32 = memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]) as u32;

export function begin(): void {
  memory.copy(STATE, FIRST, 32);
  store<u64>(COUNT, 0);
}

function expand(block: u32): void {
  for (let index: u32 = 0; index < 16; index++) {
    store<u32>(SCHEDULE + (index << 2), bswap<u32>(load<u32>(block + (index << 2))));
  }
  for (let index: u32 = 16; index < 64; index++) {
    const at = SCHEDULE + (index << 2);
    const early = load<u32>(at - 60);
    const late = load<u32>(at - 8);
    const first = rotr<u32>(early, 7) ^ rotr<u32>(early, 18) ^ (early >> 3);
    const second = rotr<u32>(late, 17) ^ rotr<u32>(late, 19) ^ (late >> 10);
    store<u32>(at, load<u32>(at - 64) + first + load<u32>(at - 28) + second);
  }
}

function addTo(word: u32, value: u32): void {
  store<u32>(STATE + (word << 2), load<u32>(STATE + (word << 2)) + value);
}

function compress(block: u32): void {
  expand(block);
  let a = load<u32>(STATE);
  let b = load<u32>(STATE, 4);
  let c = load<u32>(STATE, 8);
  let d = load<u32>(STATE, 12);
  let e = load<u32>(STATE, 16);
  let f = load<u32>(STATE, 20);
  let g = load<u32>(STATE, 24);
  let h = load<u32>(STATE, 28);
  for (let index: u32 = 0; index < 256; index += 4) {
    const high = rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25);
    const choice = (e & f) ^ (~e & g);
    const sum = h + high + choice + load<u32>(ROUNDS + index) + load<u32>(SCHEDULE + index);
    const low = rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    h = g;
    g = f;
    f = e;
    e = d + sum;
    d = c;
    c = b;
    b = a;
    a = sum + low + majority;
  }
  addTo(0, a);
  addTo(1, b);
  addTo(2, c);
  addTo(3, d);
  addTo(4, e);
  addTo(5, f);
  addTo(6, g);
  addTo(7, h);
}

/** Adds bytes to the message. */
export function add(place: u32, bytes: u32): void {
  let filled = (load<u64>(COUNT) as u32) & (BLOCK_BYTES - 1);
  store<u64>(COUNT, load<u64>(COUNT) + (bytes as u64));
  let at: u32 = 0;
  while (at < bytes) {
    const part = min<u32>(bytes - at, BLOCK_BYTES - filled);
    memory.copy(BLOCK + filled, place + at, part);
    at += part;
    filled += part;
    if (filled < BLOCK_BYTES) break;
    compress(BLOCK);
    filled = 0;
  }
}

/** Ends the message and writes its digest. */
export function end(digest: u32): void {
  const bytes = load<u64>(COUNT);
  const filled = (bytes as u32) & (BLOCK_BYTES - 1);
  store<u8>(BLOCK + filled, 0x80);
  memory.fill(BLOCK + filled + 1, 0, BLOCK_BYTES - filled - 1);
  if (filled >= 56) {
    compress(BLOCK);
    memory.fill(BLOCK, 0, BLOCK_BYTES);
  }
  store<u64>(BLOCK + 56, bswap<u64>(bytes << 3));
  compress(BLOCK);
  for (let index: u32 = 0; index < DIGEST_BYTES; index += 4) {
    store<u32>(digest + index, bswap<u32>(load<u32>(STATE + index)));
  }
}
