-- Until when the app's own mark is good; null when the anchor counts it among its members no longer. No wallet is asked without one.
alter table app_membership add column member_until timestamptz;
