// A row of mutually exclusive choices made of real radio buttons, so that arrow keys and screen readers work.
import { createElement } from './element.ts';

export interface ChoiceOption {
  readonly value: string;
  readonly label: string;
  /** Shows a swatch of this colour instead of the label, which stays its accessible name. */
  readonly color?: string;
}

export interface ChoiceOptions {
  /** Form name, unique in the page. */
  readonly name: string;
  readonly options: readonly ChoiceOption[];
  readonly selected: string;
  readonly onChange: (value: string) => void;
}

/** Fills `container` with the choices; call it again to replace them. */
export function renderChoice(container: HTMLElement, options: ChoiceOptions): void {
  const focused = container.contains(document.activeElement);
  container.replaceChildren(...options.options.map((option) => renderOption(option, options)));
  if (focused) container.querySelector<HTMLInputElement>('input:checked')?.focus();
}

function renderOption(option: ChoiceOption, options: ChoiceOptions): HTMLElement {
  const label = createElement('label', option.color === undefined ? 'segment' : 'swatch');
  const input = createElement('input', '');
  input.type = 'radio';
  input.name = options.name;
  input.value = option.value;
  input.checked = option.value === options.selected;
  input.addEventListener('change', () => options.onChange(option.value));
  const face = createElement('span', '', option.color === undefined ? option.label : '');
  if (option.color !== undefined) {
    face.style.setProperty('--swatch', option.color);
    input.setAttribute('aria-label', option.label);
    label.title = option.label;
  }
  label.append(input, face);
  return label;
}
