// Fragments of a PATCH: trickled candidates, restarts, nonsense.
import fc from 'fast-check';
import t from 'tap';
import { BarrageError } from '../../../core/errors.ts';
import { parseIceFragment } from '../../../media/webrtc/ice-fragment.ts';

const CANDIDATES =
  'm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\na=end-of-candidates\r\n';
const PASSWORD = 'p'.repeat(24);

t.test('candidates alone say nothing, credentials come as a pair', async (t) => {
  t.equal(parseIceFragment(CANDIDATES).ufrag, undefined);
  t.equal(parseIceFragment(`a=ice-ufrag:EsAw\r\na=ice-pwd:${PASSWORD}\r\n${CANDIDATES}`).ufrag, 'EsAw');
  t.throws(() => parseIceFragment('a=ice-ufrag:EsAw\r\n'), { code: 'BAD_REQUEST' });
});

t.test('what is no fragment is refused', async (t) => {
  t.throws(() => parseIceFragment(''), { code: 'BAD_REQUEST' });
  t.throws(() => parseIceFragment('{"candidate":""}'), { code: 'BAD_REQUEST' });
  t.throws(() => parseIceFragment('a=x\n'.repeat(10_000)), { code: 'TOO_LARGE' });
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        parseIceFragment(text);
        return true;
      } catch (error) {
        return error instanceof BarrageError;
      }
    }),
  );
});
