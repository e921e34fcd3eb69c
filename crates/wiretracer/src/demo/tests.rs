//! The demo as a whole, played in this process.

use super::*;

#[tokio::test]
async fn plays() {
    let mut output = Vec::new();
    let options = Options { headless: true, print: Print::Text, filter: None };
    let result = perform(options, &mut output).await;
    println!("{}", String::from_utf8_lossy(&output));
    result.unwrap();
}
