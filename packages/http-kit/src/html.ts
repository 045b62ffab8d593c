/** A page's text with every `${value}` escaped; `!${value}` puts in what is HTML already, such as another `html` text. */
export { html } from 'ghtml'
