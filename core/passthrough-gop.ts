// The longest group of pictures a source may have to be handed on unencoded. A number with its reason: who
// measures groups and who plans the ladder must agree on it, and neither may import the other.

/**
 * Longest distance between key frames, in milliseconds, of a source that can be passed through. A viewer who
 * joins, or changes layers, waits for the next key frame, and an HLS segment (2 s by default) can only begin
 * with one. Encoders set to 2 s are a frame or a rounded time stamp late at times: hence the 50 ms.
 */
export const MAX_PASSTHROUGH_GOP_MS = 2050;
