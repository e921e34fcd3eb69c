//! temporary entry
use wiretracer::app::*;
fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let path = std::env::args().nth(1).unwrap_or_default();
    let rt = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    rt.block_on(
        Headless { source: Source::File(path.into()), print: Print::by_output(), filter: None }
            .run(),
    )
}
