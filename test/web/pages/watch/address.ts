// The watch page's address.
import t from 'tap';
import { parseWatchAddress } from '../../../../web/pages/watch/address.ts';

const parse = (path: string) => parseWatchAddress(new URL(path, 'http://host'));

t.test('room, name, token and transport are read', async (t) => {
  t.same(parse('/watch/my-room?name=Ann&token=x.y.z&transport=hls'), {
    room: 'my-room',
    name: 'Ann',
    token: 'x.y.z',
    transport: 'hls',
  });
});

t.test('what is missing or makes no sense is left out', async (t) => {
  t.same(parse('/watch/a?name=%20&token=&transport=pigeon'), {
    room: 'a',
    name: undefined,
    token: undefined,
    transport: undefined,
  });
});
