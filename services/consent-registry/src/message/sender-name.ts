import { type VerifiedMessage, withoutHidden } from '@samen/consent'

/**
 * The name that people read on the pages: `organization_name` of the sender's own signed metadata, else the host of its id.
 * Characters that could reorder or hide text are taken out.
 */
export function senderName({ member }: Pick<VerifiedMessage, 'member'>): string {
  const claimed = member.metadata['federation_entity']?.['organization_name']
  const name = typeof claimed === 'string' ? withoutHidden(claimed) : ''
  return name === '' ? new URL(member.entityId).host : name.slice(0, 120)
}
