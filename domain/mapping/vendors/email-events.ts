/** What has become of an email, in the names of the Segment email spec and, where it has none, our own. */
export const EMAIL_EVENTS = {
  sent: 'Email Sent',
  delivered: 'Email Delivered',
  opened: 'Email Opened',
  clicked: 'Email Link Clicked',
  bounced: 'Email Bounced',
  complained: 'Email Marked as Spam',
  delayed: 'Email Delayed',
  dropped: 'Email Dropped',
  unsubscribed: 'Unsubscribed',
  resubscribed: 'Resubscribed',
} as const;
