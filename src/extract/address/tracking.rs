//! Tracking parameters: they describe how a reader came to a page, not the page.

/// Names of parameters, in lower case and sorted, and the service that sets each. At most 60; a name is
/// included because the service documents it, or because it occurs in addresses of saved articles.
/// `docs/addresses.md` lists them.
pub(in crate::extract) const TRACKING: [(&str, &str); 58] = [
    ("__cft__[0]", "Facebook"),
    ("__hsfp", "HubSpot"),
    ("__hssc", "HubSpot"),
    ("__hstc", "HubSpot"),
    ("__tn__", "Facebook"),
    ("__twitter_impression", "Twitter"),
    ("_branch_match_id", "Branch"),
    ("_ga", "Google Analytics"),
    ("_gl", "Google Analytics"),
    ("_hsenc", "HubSpot"),
    ("_hsmi", "HubSpot"),
    ("_openstat", "Openstat"),
    ("at_campaign", "Piano Analytics"),
    ("at_medium", "Piano Analytics"),
    ("bd_vid", "Baidu"),
    ("dclid", "Google Ads"),
    ("epik", "Pinterest"),
    ("fb_action_ids", "Facebook"),
    ("fb_action_types", "Facebook"),
    ("fb_ref", "Facebook"),
    ("fb_source", "Facebook"),
    ("fbclid", "Facebook"),
    ("gad_campaignid", "Google Ads"),
    ("gad_source", "Google Ads"),
    ("gbraid", "Google Ads"),
    ("gclid", "Google Ads"),
    ("gclsrc", "Google Ads"),
    ("guccounter", "Yahoo"),
    ("guce_referrer", "Yahoo"),
    ("guce_referrer_sig", "Yahoo"),
    ("hsctatracking", "HubSpot"),
    ("igsh", "Instagram"),
    ("igshid", "Instagram"),
    ("isappinstalled", "WeChat"),
    ("li_fat_id", "LinkedIn"),
    ("mc_cid", "Mailchimp"),
    ("mc_eid", "Mailchimp"),
    ("mibextid", "Facebook"),
    ("mkt_tok", "Marketo"),
    ("msclkid", "Microsoft Advertising"),
    ("ns_campaign", "Comscore"),
    ("ns_mchannel", "Comscore"),
    ("ns_source", "Comscore"),
    ("oly_anon_id", "Omeda"),
    ("oly_enc_id", "Omeda"),
    ("ref_src", "Twitter"),
    ("ref_url", "Twitter"),
    ("share_token", "Toutiao"),
    ("spm", "Alibaba"),
    ("srsltid", "Google Merchant Center"),
    ("ttclid", "TikTok"),
    ("twclid", "Twitter"),
    ("vero_id", "Vero"),
    ("wbraid", "Google Ads"),
    ("wt_mc", "Webtrekk"),
    ("xtor", "Piano Analytics"),
    ("yclid", "Yandex"),
    ("ysclid", "Yandex"),
];

/// Google Analytics sets more names than `utm_source` and the four like it.
const PREFIX: &str = "utm_";

/// Parameters that select the AMP version of a page, with the value if only that one does.
const AMP: [(&str, Option<&str>); 5] = [
    ("amp", None),
    ("amp_js_v", None),
    ("usqp", Some("mq331AQ")),
    ("outputtype", Some("amp")),
    ("output", Some("amp")),
];

/// Whether a parameter (`name=value` or `name`) does not affect the content of a page.
pub(in crate::extract) fn is_tracking(parameter: &str) -> bool {
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
    let name = name.to_ascii_lowercase();
    name.starts_with(PREFIX)
        || TRACKING.binary_search_by_key(&name.as_str(), |&(name, _)| name).is_ok()
        || (name == "source" && value.starts_with("rss"))
        || AMP.iter().any(|&(amp, only)| {
            name == amp && only.is_none_or(|only| value.to_ascii_lowercase().starts_with(only))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_documented() {
        assert!(TRACKING.is_sorted());
        assert!(TRACKING.len() < 60);
        let docs = include_str!("../../../docs/addresses.md");
        let rows: Vec<_> =
            docs.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |")).collect();
        let mut expected = vec![format!("{PREFIX}*` | Google Analytics")];
        expected.extend(TRACKING.iter().map(|(name, service)| format!("{name}` | {service}")));
        assert_eq!(rows, expected);
    }

    #[test]
    fn in_any_case_and_never_by_a_part_of_the_name() {
        for tracks in ["utm_source=x", "UTM_Custom", "FBCLID=1", "amp", "amp=1", "outputType=amp"] {
            assert!(is_tracking(tracks), "{tracks}");
        }
        for says in ["id=1", "ga=1", "source=wire", "ampere=1", "output=pdf", "", "ref=a"] {
            assert!(!is_tracking(says), "{says}");
        }
    }
}
