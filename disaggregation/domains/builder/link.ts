// The page that the toolstack grants to the builder: one request and one answer at a time. Read by
// both.

/** Reference of the page in the toolstack's grant table. */
export const LINK_REFERENCE: u32 = 2;

/** Written by the toolstack: number of the last request, and its bytes. */
export const ASKED: u32 = 0;
export const REQUEST_BYTES: u32 = 4;
/** Written by the builder: number of the last request that is answered, its result, the answer's
 *  bytes. */
export const ANSWERED: u32 = 64;
export const RESULT: u32 = 68;
export const ANSWER_BYTES: u32 = 72;
/** Written by the builder: the domain that is being made for the request, 0: none yet. */
export const MAKING: u32 = 76;

export const REQUEST: u32 = 128;
export const REQUEST_LIMIT: u32 = 3072;
export const ANSWER: u32 = 3328;
export const ANSWER_LIMIT: u32 = 64;
