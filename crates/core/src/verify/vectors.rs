//! Tokens of public test data that carry a right checksum: the evidence for each recipe.
//!
//! Every one was published by its vendor, or stands in the tests of another scanner (named beside it), and is
//! long revoked or was made up. They are broken by `<>`, which the test removes, so that no scanner takes this
//! file for a leak.

use super::{Check, Verifier, check};

/// Verifier, token, where it is public.
const VECTORS: &[(&str, &str, &str)] = &[
    (
        "github-crc32",
        "ghp_wWPw<>5k4aXcaT4fNP<>0UcnZwJUVFk6LO0pINUx",
        "secretlint, detect-secrets, ripsecrets tests",
    ),
    ("github-crc32", "ghp_ZJDe<>VREhkptGF7Wv<>ep0NwJWlPEQP7a0t2nxL", "noseyparker rule example"),
    ("github-crc32", "ghp_IwdM<>x9WFWRRfMhTY<>iaVjZ78Jfuamvn0YWRM0", "trufflehog test"),
    ("github-crc32", "gho_J8AH<>e9Wu6fCQBP78<>cuGP9nmsbdpmy03EsFlw", "osv-scalibr veles test"),
    ("github-crc32", "ghu_aGgf<>QsQ52sImE9zw<>WxKcjt2nhESfYG1U2FhX", "osv-scalibr veles test"),
    ("github-crc32", "ghs_oJrI<>3NxJonXega4c<>d3v1XHDjjMk3jh2ENWzb", "osv-scalibr veles test"),
    (
        "github-crc32",
        "ghr_OWOC<>PzqKuy3J4w53QpkLfffjBUJSh5yLnFHj<>7wiyR0NDadVOcykNkoqhoYYXM1yy2sOpAu0lG8fw",
        "osv-scalibr veles test",
    ),
    (
        "atlassian-crc32",
        "ATATT3xF<>fGF0K3irG5tKKi-6u-wwaXQFeGwZ-IHR-hQ3CulkKtMSuteRQFfLZ6ji<>hHThzZCg_UjnDt-4Wl_gIRf4zrZJs5JqaeuBhsfJ4W5GD6yGg3W7903gbvaxZPBj<>xIQQ7BgFDSkPS8oPispw4KLz56mdK-G6CIvLO6hHRrZHY0Q3tvJ6JxE=C63992E6",
        "gitleaks + betterleaks tests",
    ),
    (
        "atlassian-crc32",
        "ATATT3xF<>fGF0vNZ7oy6ON4KrWEzKEu96n-r2bCLOOcdOADizvJqPd89yKyP853uT<>ZSflBi1Lk1zD460BqyMTa08VUEy8-oOzr1esg3j_mZKZwAELnRkCDTJZXhHsv5ja<>WHyAj4LRL-6h8LI-5MrYs4l7xXSaY8odQxDKJB4hDvdkmuh61xea2jE=00203E68",
        "CredSweeper test",
    ),
    (
        "atlassian-crc32",
        "ATCTT3xF<>fGN0eyq0kne3JViBVaR5XhmCYI-3P5OwXu82WjbOscjhEeYywA-NfMVG<>xUd4HPmS93ZWAFoWcmCeiTl017IosZX52yZfmdzIhQ2p5mO69aOIX6lbhNJHnJw7<>JFd4bGTyw9LQelA3s0XcI78l2DZt13i38gZyARfNxMLY0SOCMbF20bg=DD5CAD63",
        "osv-scalibr veles test",
    ),
    ("atlassian-crc32", "ATBBcCe6<>fczW96Vzwg<>vb4r8F2gZS54D591C4", "CredSweeper test"),
    ("atlassian-dc-pat", "BBDC-MzQ<>2Njc4NjkyMDgwOsE<>idtxMt9WDExIOYPEWBFXH093l", "CredSweeper test"),
    (
        "github-pat-sha256",
        "github_p<>at_11AAGI73I0HFY8wJru4m<>Tw_ZlpxaViSYQuKETGMTXMkbWFrZCqj<>as5OpXSUP6g5zbrE2PRUI7CfRZ3m3z3",
        "secretlint test",
    ),
    (
        "github-pat-sha256",
        "github_p<>at_11ABLV2EA0gWlOtew7YD<>YY_xXoiQzNpBTaTjNuaJKYyZDzVsoXQ<>lWknbdKH4x66HFaGKD5XHKHVVirnlZr",
        "CredSweeper test",
    ),
    (
        "github-pat-sha256",
        "github_p<>at_11ALJFEII0UlnAoY24TC<>tP_haWQRFX8YZ4vniyajJ3GVbZ5VgNr<>rEyWFBq3VXgQzQO2M4XQFJMImiHXm6q",
        "osv-scalibr veles test",
    ),
    ("npm-crc32", "npm_qkJa<>B6MffYVzZXWq<>mcoF49yrUxP3wf0LsakP", "secretlint test"),
    ("npm-crc32", "npm_F9vP<>yNezaajB1AMQ<>fXJX2kOIUlVtgv4dsqMI", "ripsecrets test"),
    ("gitlab-routable", "glpat-bz<>ox79Of-KE9FD2Lj<>oXXF4CvyxA.01.0r0l8l6ir", "osv-scalibr veles test"),
    ("gitlab-routable", "glpat-bz<>ox79Of-KE9FD2<>LjoXXF4CvyxA.0r03gxo7s", "osv-scalibr veles test"),
    ("gitlab-routable", "glpat-vS<>Y1cyL948aAB440qB6<>L4zlu9OzsUmEV.01.0w0sfevch", "kingfisher rule example"),
    ("grafana-crc32", "glsa_HOr<>uNAb7SOiCdshU9a<>lgkrq7FDsNSLAa_54e2f8be", "kingfisher/titus rule example"),
    ("grafana-crc32", "glsa_Thi<>sI5NtTheTok3nYo<>u8reLo0k1ngF0r_0a2a3df7", "CredSweeper test"),
    ("zuplo-crc32", "zpka_3e6<>c4f7d39954ca293<>53b7ab88589b64_de26cd55", "kingfisher/titus rule example"),
    ("zuplo-crc32", "zpka_b3f<>94d8d3d4d4a6ea5<>c5b20d0a5bb407_18eb262b", "kingfisher/titus rule example"),
    ("cloudflare-crc32", "cfut_ZE4<>CrcFhEIDXk9vL2sTLe<>ARsFp2ZZYbydVDhhIUq8573bbfe", "trufflehog test"),
    ("cloudflare-crc32", "cfat_aAb<>BcCdDeEfFgGhHiIjJk<>KlLmMnNoOpPqQrRsStT03fa099b", "secretlint test"),
    (
        "confluent-crc32",
        "cfltqPLd<>2lLPAtWtHGNhN32WlZxoEj30<>pcg8mzaPlPJ937JlMa7n9YCRLooqgifw",
        "kingfisher/titus rule example",
    ),
    ("deno-crc32", "ddp_qz53<>8MNyqwfETb1i<>kqeqHiqA9Aa9Pv22yzmw", "osv-scalibr veles test"),
    ("apify-crc32", "apify_ap<>i_9uyewBxQUF1EX<>WdKVc4lNaTSM461Ls4oQouz", "kingfisher/titus rule example"),
    ("apify-crc32", "apify_ap<>i_NcjXcxEz2XL1i<>rjppyWSHvjghalQOd1LXOHv", "kingfisher/titus rule example"),
    (
        "vercel-crc32",
        "vca_BQuu<>9ChDu3n6Pfh6YQnCshpoYk<>WDSFKogLqmBtQ0tC8NAA5rXt340sjz",
        "secretlint + betterleaks tests",
    ),
    ("vercel-crc32", "vci_35UY<>JwYZDigYATKhxJUAhPqRhi<>t2Xe3dtiG60LsUTHeklEXDQ94Jafpu", "betterleaks test"),
    ("entra-secret", "qpF8Q~PC<>M5MhMoyTFc5T<>YEomnzRUKim9UJhe8a2P", "CredSweeper test"),
    (
        "azure-his",
        "DFdukxfl<>0SwO4NB91bi/FTPh9BMEK<>r6Z5wWf+tGDfXMakXvGVp/NDzAUjW<>c/9171OqoDvXSj1o8N+AStUk1GXg==",
        "trufflehog azure_storage test",
    ),
    (
        "azure-his",
        "ldlKgoKP<>JhRjPJTkaC5c/QNqtu4sV<>QRc/teGJ0MZHbDYEHdvBV5z8JEfJK<>+evE87D7U8TzMZ0G2C+ASt2B4ifg==",
        "trufflehog azure_storage test",
    ),
    (
        "azure-his",
        "AiNtEyAS<>bdXR5neJmTStMzKGItX2x<>vKuyEkcy65rviKD0ggZR19E1iVFIJ<>5ZAIY1xvvAiS5tOXsmACDbKDJIhQ==",
        "trufflehog azure_cosmosdb test",
    ),
    (
        "age",
        "AGE-SECR<>ET-KEY-13JCDF682MCF4V7LPYVCE8<>5VTSNC60TPX5ZYSSNK599PGTFX9L3TQVW5JTH",
        "ripsecrets test",
    ),
    (
        "sentry-org",
        "sntrys_e<>yJpYXQiOjE2ODczMzY1NDMuNjk4NTksInVybCI6bnVsbCwi<>cmVnaW9uX3VybCI6Imh0dHA6Ly9sb2NhbGhvc3Q6ODAwMCIsIm9yZyI6<>InNlbnRyeSJ9_NzJkYzA3NzMyZTRjNGE2NmJlNjBjOWQxNGRjOTZiNmI",
        "Sentry source test via gitleaks",
    ),
    (
        "jfrog-reference",
        "cmVmdGtu<>OjAxOjAwMDAwMDAwMDA6awJQ<>VlZkdEVyWXJ2cVNSemAABVQ1bwaBSWtE",
        "trufflehog test",
    ),
    (
        "jfrog-api-key",
        "AKCp5e2g<>Mx8TtJNDtrsuPq7Jz24Rqjkjf1d1<>iiy1GuEjmdsY8ghxFGgehZcK3UGNgy5TxHWdE",
        "trufflehog test",
    ),
];

#[test]
fn published_tokens_pass() {
    for (name, broken, source) in VECTORS {
        let verifier = Verifier::from_name(name).unwrap();
        let outcome = check(verifier, broken.replace("<>", "").as_bytes());
        assert!(matches!(outcome, Check::Passed { .. }), "{name}, {source}: {outcome:?}");
    }
}
