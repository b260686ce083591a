// Looks names up as a Java program does: InetAddress, and JNDI for services (see lookup.c for what goes in and out).
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Hashtable;
import javax.naming.NameNotFoundException;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.directory.InitialDirContext;

class Lookup {
  static String addresses(String name) {
    try {
      StringBuilder found = new StringBuilder();
      for (InetAddress each : InetAddress.getAllByName(name)) found.append(each.getHostAddress()).append(' ');
      return found.toString();
    } catch (UnknownHostException fault) {
      String message = String.valueOf(fault.getMessage());
      return message.contains("Temporary") || message.contains("System error") ? "!" + message : "-";
    }
  }

  static String services(String name) {
    Hashtable<String, String> settings = new Hashtable<>();
    settings.put("java.naming.factory.initial", "com.sun.jndi.dns.DnsContextFactory");
    settings.put("java.naming.provider.url", "dns:");
    try {
      Attribute records = new InitialDirContext(settings).getAttributes(name, new String[] {"SRV"}).get("SRV");
      if (records == null) return "-";
      StringBuilder found = new StringBuilder();
      for (int i = 0; i < records.size(); i++) {
        String[] fields = records.get(i).toString().split(" ");
        found.append(fields[2]).append(':').append(fields[3]).append(' ');
      }
      return found.toString();
    } catch (NameNotFoundException fault) {
      return "-";
    } catch (NamingException fault) {
      return "!" + fault.getMessage();
    }
  }

  public static void main(String[] args) throws Exception {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] parts = line.split(" ");
      System.out.println(parts[0].equals("services") ? services(parts[1]) : addresses(parts[1]));
    }
  }
}
