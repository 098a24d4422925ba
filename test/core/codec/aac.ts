// AudioSpecificConfig in the forms encoders write, and damaged ones.
import t from 'tap';
import {
  aacCodecString,
  buildAudioSpecificConfig,
  parseAudioSpecificConfig,
} from '../../../core/codec/aac.ts';
import { refusesOnly } from '../../support/refuses-only.ts';

const hex = (digits: string): Buffer => Buffer.from(digits, 'hex');

t.test('plain, SBR and PS configurations are told apart', async (t) => {
  const cases = [
    ['1190', 'mp4a.40.2', 48000, 48000, 2],
    ['1210', 'mp4a.40.2', 44100, 44100, 2],
    ['121056e500', 'mp4a.40.2', 44100, 44100, 2],
    ['2b920800', 'mp4a.40.5', 22050, 44100, 2],
    ['eb0a0800', 'mp4a.40.29', 24000, 44100, 1],
    ['139056e5a54880', 'mp4a.40.29', 22050, 44100, 2],
  ] as const;
  for (const [digits, codec, sampleRate, outputSampleRate, channels] of cases) {
    const config = parseAudioSpecificConfig(hex(digits));
    t.match(config, { sampleRate, outputSampleRate, channels, samplesPerFrame: 1024 }, digits);
    t.equal(aacCodecString(config), codec);
  }
});

t.test('what is built is parsed back', async (t) => {
  for (const channels of [1, 2, 3, 4, 5, 6, 8]) {
    for (const sampleRate of [44100, 48000, 96000, 44101]) {
      const config = parseAudioSpecificConfig(buildAudioSpecificConfig({ sampleRate, channels }));
      t.match(config, { objectType: 2, sampleRate, channels });
    }
  }
  t.throws(() => buildAudioSpecificConfig({ sampleRate: 48000, channels: 7 }), { code: 'BAD_REQUEST' });
});

t.test('what is not AAC is unsupported', async (t) => {
  t.throws(() => parseAudioSpecificConfig(hex('f92390')), { code: 'UNSUPPORTED_MEDIA' }); // type 36, ALS
});

t.test('damaged bytes are refused and nothing else happens', async () => {
  refusesOnly(parseAudioSpecificConfig, ['1190', '139056e5a54880', '2b920800', '118004c84400'].map(hex));
});
