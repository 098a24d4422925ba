// Opus headers in both forms, and packet durations.
import t from 'tap';
import {
  buildDops,
  dopsToOpusHead,
  opusHeadToDops,
  opusPacketDurationUs,
  parseDops,
} from '../../../core/codec/opus.ts';
import { refusesOnly } from '../../support/refuses-only.ts';

const dops = Buffer.from('000201380000bb80000000', 'hex');

t.test('the MP4 form is read and written', async (t) => {
  t.match(parseDops(dops), { channels: 2, preSkip: 312, inputSampleRate: 48000, mappingFamily: 0 });
  t.ok(buildDops({ channels: 2 }).equals(dops));
});

t.test('the Ogg form becomes the MP4 form and back', async (t) => {
  const head = Buffer.from('4f707573486561640102380180bb0000000000', 'hex');
  t.ok(opusHeadToDops(head).equals(dops));
  t.ok(dopsToOpusHead(dops).equals(head));
});

t.test('the first bytes of a packet give its duration', async (t) => {
  t.equal(opusPacketDurationUs(Buffer.from([31 << 3])), 20_000); // CELT fullband 20 ms
  t.equal(opusPacketDurationUs(Buffer.from([28 << 3])), 2_500);
  t.equal(opusPacketDurationUs(Buffer.from([(3 << 3) | 1])), 120_000); // SILK 60 ms, two frames
  t.equal(opusPacketDurationUs(Buffer.from([(13 << 3) | 3, 3])), 60_000); // hybrid 20 ms, three frames
  t.equal(opusPacketDurationUs(Buffer.alloc(0)), 0);
});

t.test('damaged bytes are refused and nothing else happens', async () => {
  refusesOnly(parseDops, [dops]);
  refusesOnly(opusHeadToDops, [dopsToOpusHead(dops)]);
});
