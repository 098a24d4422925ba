// Reading what comes from the server, and from anything that pretends to be it.
import fc from 'fast-check';
import t from 'tap';
import { parseServerFrame } from '../../../../web/sdk/room/frames.ts';

t.test('an event frame and the two kinds of reply are told apart', async (t) => {
  t.equal(parseServerFrame('{"epoch":"a","events":[]}')?.kind, 'events');
  t.equal(parseServerFrame('{"id":1,"result":{}}')?.kind, 'reply');
  t.equal(parseServerFrame('{"id":null,"error":{"code":"BAD_MESSAGE"}}')?.kind, 'reply');
});

t.test('events without a type are left out', async (t) => {
  const parsed = parseServerFrame('{"epoch":"a","events":[1,null,{"type":"likes","total":2},{}]}');
  t.same(parsed?.kind === 'events' && parsed.frame.events, [{ type: 'likes', total: 2 }]);
});

t.test('what is no frame is undefined', async (t) => {
  for (const text of ['', 'null', '[]', '7', '{', '{}', '{"id":"1","result":1}', '{"id":null,"result":1}'])
    t.equal(parseServerFrame(text), undefined, text);
});

t.test('no text makes it throw', async () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void parseServerFrame(text)));
});
