// Commands of publishers, checked and typed.
import t from 'tap';
import {
  parseCommand,
  parsePublishAddress,
  type RtmpCommand,
} from '../../../../media/ingest/rtmp/rtmp-command.ts';
import { MESSAGE } from '../../../../media/ingest/rtmp/rtmp-message.ts';
import { refusesOnly } from '../../../support/refuses-only.ts';
import { amf0 } from '../../../support/rtmp-client.ts';

const parse = (payload: Buffer, type: number = MESSAGE.commandAmf0): RtmpCommand =>
  parseCommand({ type, streamId: 0, timestamp: 0, payload });

t.test('connect gives the application without slashes and query', async (t) => {
  const fields = { app: '/live/?a=b', tcUrl: 'rtmp://under_score.host:1935/live', flashVer: 'FMLE/3.0' };
  t.same(parse(amf0('connect', 1, fields)), {
    name: 'connect',
    transactionId: 1,
    connect: { app: 'live', tcUrl: fields.tcUrl, enhanced: false, flashVer: 'FMLE/3.0' },
  });
  t.match(parse(amf0('connect', 1, { app: 'live', fourCcList: ['*'] })), { connect: { enhanced: true } });
  t.match(parse(amf0('connect', 1, { app: 'live', capsEx: 1 })), { connect: { enhanced: true } });
});

t.test('commands are told apart by what they ask for', async (t) => {
  const kinds = Object.entries({
    createStream: 'createStream',
    play: 'play',
    FCUnpublish: 'ended',
    deleteStream: 'ended',
    FCPublish: 'prepare',
    releaseStream: 'courtesy',
    toString: 'unknown',
  });
  for (const [said, name] of kinds) t.match(parse(amf0(said, 4, null)), { name, said, transactionId: 4 });
  t.match(parse(amf0('publish', 5, null, 'KEY', 'live')), { name: 'publish', streamName: 'KEY' });
  t.match(parse(Buffer.concat([Buffer.of(0), amf0('_checkbw', 'x')]), MESSAGE.commandAmf3), {
    name: 'courtesy',
    transactionId: 0,
  });
});

t.test('application and key come out of every form of address', async (t) => {
  t.same(parsePublishAddress('live', 'KEY'), { app: 'live', key: 'KEY' });
  t.same(parsePublishAddress('live', 'KEY?user=a'), { app: 'live', key: 'KEY' });
  t.same(parsePublishAddress('live/KEY', ''), { app: 'live', key: 'KEY' });
  t.same(parsePublishAddress('live', '?key=K%2FEY'), { app: 'live', key: 'K/EY' });
  t.same(parsePublishAddress('live', '/KEY/'), { app: 'live', key: 'KEY' });
  t.same(parsePublishAddress('live', ''), { app: 'live', key: '' });
  t.throws(() => parsePublishAddress('live', 'x'.repeat(257)), { code: 'UNAUTHORIZED' });
});

t.test('damaged bytes are refused and nothing else happens', async () => {
  const corpus = [
    amf0('connect', 1, { app: 'live', tcUrl: 'rtmp://a/live' }),
    amf0('publish', 2, null, 'KEY'),
  ];
  refusesOnly((data) => parse(data), corpus);
  refusesOnly((data) => parse(data, MESSAGE.commandAmf3), corpus);
});
