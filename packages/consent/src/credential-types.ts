/** Facts about one pupil, issued by its school. URNs, so that no wallet has to fetch a type document to read them. */
export const VCT_PUPIL = 'urn:samen:credential:pupil:1'
/** Says that its holder may decide for one pupil. Only schools and registries may ask for it, never a vendor. */
export const VCT_GUARDIANSHIP = 'urn:samen:credential:guardianship:1'
