class Domain {
  state: u32 = 0;
  isFree(): bool {
    return this.state == 0;
  }
}
