// Client addresses behind proxies, by table.
import t from 'tap';
import { remoteAddressOf, viewerKeyOf } from '../../server/request-origin.ts';

const from = (remoteAddress: string, forwarded?: string) => ({
  socket: { remoteAddress },
  headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
});

t.test('without a trusted proxy the header is not believed', async (t) => {
  t.equal(remoteAddressOf(from('10.0.0.1', '1.2.3.4'), 0), '10.0.0.1');
  t.equal(remoteAddressOf(from('::ffff:10.0.0.1'), 0), '10.0.0.1');
});

t.test('with trusted proxies the entry of the outermost counts, however many a client adds', async (t) => {
  t.equal(remoteAddressOf(from('10.0.0.1', 'forged, 1.2.3.4'), 1), '1.2.3.4');
  t.equal(remoteAddressOf(from('10.0.0.1', 'forged, 1.2.3.4, 10.0.0.2'), 2), '1.2.3.4');
  t.equal(remoteAddressOf(from('10.0.0.1', '1.2.3.4'), 2), '1.2.3.4');
  t.equal(remoteAddressOf(from('10.0.0.1'), 1), '10.0.0.1');
  t.equal(remoteAddressOf(from('10.0.0.1', ' , '), 1), '10.0.0.1');
});

t.test('viewers are told apart by address and user agent, of bounded length', async (t) => {
  const request = { ...from('10.0.0.1'), headers: { 'user-agent': 'x'.repeat(10_000) } };
  t.ok(viewerKeyOf(request, '10.0.0.1').length < 300);
});
