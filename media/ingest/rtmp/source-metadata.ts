// onMetaData of FLV as the SourceMetadata of the ingest port. Trusts nothing in it.
import type { SourceMetadata } from '../ingest-port.ts';
import { type AmfValue, asAmfObject, decodeAmf0 } from './amf0.ts';

const MAX_ENCODER_CHARACTERS = 128;

/**
 * Metadata of a data message's payload, or undefined when it is another data message.
 * @throws BarrageError `BAD_REQUEST` when the payload is not AMF0
 */
export function parseMetadata(payload: Buffer): SourceMetadata | undefined {
  const [first, ...more] = decodeAmf0(payload);
  const [name, value] = first === '@setDataFrame' ? more : [first, more[0]];
  const fields = asAmfObject(value);
  if (name !== 'onMetaData' || !fields) return undefined;
  return {
    ...textField('encoder', fields['encoder']),
    ...numberField('width', fields['width']),
    ...numberField('height', fields['height']),
    ...numberField('frameRate', fields['framerate'] ?? fields['fps']),
    ...numberField('videoKbps', fields['videodatarate']),
    ...numberField('audioKbps', fields['audiodatarate']),
  };
}

function numberField(name: keyof SourceMetadata, value: AmfValue): SourceMetadata {
  return typeof value === 'number' && value > 0 && value < 1e7 ? { [name]: value } : {};
}

function textField(name: keyof SourceMetadata, value: AmfValue): SourceMetadata {
  return typeof value === 'string' && value ? { [name]: value.slice(0, MAX_ENCODER_CHARACTERS) } : {};
}
