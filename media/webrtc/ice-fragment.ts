// Reads a trickle-ice-sdpfrag, the body of a WHIP or WHEP PATCH. Pure.
import { BarrageError } from '../../core/errors.ts';

const MAX_FRAGMENT_CHARS = 16 * 1024;

/** What a fragment says that matters to an ICE-lite side: the client's new ufrag, if it has one. */
export interface IceFragment {
  readonly ufrag: string | undefined;
}

/**
 * Reads a fragment (RFC 8840 9). Candidates are checked for form and dropped: we are ICE-lite and answer
 * whichever address the client's checks come from.
 * @throws BarrageError `TOO_LARGE`, `BAD_REQUEST`
 */
export function parseIceFragment(text: string): IceFragment {
  if (text.length > MAX_FRAGMENT_CHARS) {
    throw new BarrageError(
      'TOO_LARGE',
      `fragment of ${text.length} characters, at most ${MAX_FRAGMENT_CHARS}`,
    );
  }
  let ufrag: string | undefined;
  let password: string | undefined;
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  for (const line of lines) {
    if (!/^[a-z]=/.test(line)) throw new BarrageError('BAD_REQUEST', 'not an SDP fragment');
    ufrag = /^a=ice-ufrag:([A-Za-z0-9+/]{4,256})$/.exec(line)?.[1] ?? ufrag;
    password = /^a=ice-pwd:([A-Za-z0-9+/]{22,256})$/.exec(line)?.[1] ?? password;
  }
  if (lines.length === 0) throw new BarrageError('BAD_REQUEST', 'the fragment is empty');
  if ((ufrag === undefined) !== (password === undefined)) {
    throw new BarrageError('BAD_REQUEST', 'a=ice-ufrag and a=ice-pwd must come together');
  }
  return { ufrag };
}
