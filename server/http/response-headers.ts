// Headers that every answer carries, and those that let any web page play a room's media.

/** Headers of every answer. `isSecure`: the listener speaks TLS itself. */
export function commonHeaders(isSecure: boolean): Readonly<Record<string, string>> {
  return {
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'cross-origin',
    ...(isSecure ? { 'strict-transport-security': 'max-age=31536000' } : {}),
  };
}

/** Cross-origin headers of media: anybody's page may play it (Fetch standard, CORS protocol). */
export const EVERY_ORIGIN: Readonly<Record<string, string>> = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'Location, ETag, Link, Accept-Patch, Retry-After',
};
