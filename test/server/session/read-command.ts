// Reading what clients send, by table and property.
import fc from 'fast-check';
import t from 'tap';
import { BarrageError } from '../../../core/errors.ts';
import {
  readEnvelope,
  readParams,
  requireMethod,
  UnreadableFrame,
} from '../../../server/session/read-command.ts';

t.test('an envelope is read with its id, also where the rest is wrong', async (t) => {
  t.match(readEnvelope('{"id":1,"method":"ping"}'), {
    id: 1,
    envelope: { id: 1, method: 'ping', params: {} },
  });
  t.match(readEnvelope('{"id":2}'), { id: 2, envelope: { code: 'BAD_MESSAGE', message: /method/ } });
  t.match(readEnvelope('{"id":"x","method":"ping"}'), { id: null, envelope: { code: 'BAD_MESSAGE' } });
  t.match(readEnvelope('{"id":3,"method":"ping","params":[]}'), { id: 3, envelope: { code: 'BAD_MESSAGE' } });
  for (const text of ['null', '1', '"x"', '[]', '{}']) t.match(readEnvelope(text), { id: null });
});

t.test('params are checked, with defaults filled in and unknown fields dropped', async (t) => {
  t.same(readParams('danmaku.send', { text: 'x', extra: 1 }), {
    text: 'x',
    mode: 'scroll',
    color: '#ffffff',
    size: 'normal',
  });
  t.throws(() => readParams('like.send', { count: '1' }), {
    code: 'BAD_REQUEST',
    message: /like\.send: count/,
  });
});

t.test('only methods of the protocol are methods', async (t) => {
  t.equal(requireMethod('ping'), 'ping');
  for (const name of ['', 'Ping', 'constructor', '__proto__', 'toString']) {
    t.throws(() => requireMethod(name), { code: 'UNKNOWN_METHOD' });
  }
});

t.test('any text is read, or refused as no JSON', async () => {
  const text = fc.oneof(
    fc.string(),
    fc.json(),
    fc.json().map((json) => `{"id":1,"method":"ping","params":${json}}`),
  );
  fc.assert(
    fc.property(text, (given) => {
      try {
        const { envelope } = readEnvelope(given);
        return envelope instanceof BarrageError || typeof envelope.method === 'string';
      } catch (error) {
        return error instanceof UnreadableFrame;
      }
    }),
  );
});
